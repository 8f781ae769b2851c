//! What `Feed` does.

use contracts::feed::{FeedOneRequest, FeedTicksRequest};
use contracts::{Sum, Tick};
use futures_util::{StreamExt, TryStreamExt, stream};
use platform::{Problem, Streaming};

use crate::app::App;
use crate::generated::api_feed::{EchoContext, Feed, OneContext, TicksContext, UploadContext};

impl Feed for App {
    async fn one(&self, _: OneContext, request: FeedOneRequest) -> Result<Tick, Problem> {
        let name = request.name;
        Ok(Tick { name, number: 1 })
    }

    async fn ticks(
        &self,
        _: TicksContext,
        request: FeedTicksRequest,
    ) -> Result<Streaming<Tick>, Problem> {
        let name = request.name;
        if name == "none" {
            return Err(Problem::not_found("nothing ticks there"));
        }
        let tick = move |number| {
            if name == "breaks" && number == 2 {
                return Err(Problem::conflict("it broke").with_code("broken"));
            }
            let name = name.clone();
            Ok(Tick { name, number })
        };
        Ok(stream::iter((0..).map(tick)).boxed())
    }

    async fn upload(
        &self,
        _: UploadContext,
        request: Streaming<Tick>,
    ) -> Result<Sum, Problem> {
        let add = |sum: Sum, tick: Tick| async move {
            Ok(Sum {
                count: sum.count + 1,
                total: sum.total + i64::from(tick.number),
            })
        };
        request.try_fold(Sum { count: 0, total: 0 }, add).await
    }

    async fn echo(
        &self,
        _: EchoContext,
        request: Streaming<Tick>,
    ) -> Result<Streaming<Tick>, Problem> {
        Ok(request)
    }
}

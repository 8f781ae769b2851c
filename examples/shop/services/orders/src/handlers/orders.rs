//! What `Orders` does.

use contracts::orders::OrdersFindRequest;
use contracts::{Order, PlaceOrder};
use platform::Problem;

use crate::app::App;
use crate::generated::api_orders::{FindContext, Orders, PlaceContext};

impl Orders for App {
    async fn find(&self, _: FindContext, request: OrdersFindRequest) -> Result<Order, Problem> {
        self.order(request.id)
            .ok_or_else(|| Problem::not_found(format!("there is no order {}", request.id)))
    }

    async fn place(&self, _: PlaceContext, request: PlaceOrder) -> Result<Order, Problem> {
        Ok(self.add_order(request.customer, request.items))
    }
}

//! Handlers that answer as a proof tells them to. Generated from the drawing, do not edit.

use platform::proofs::Script;
use platform::Problem;

/// The handlers of front.
#[derive(Clone, Debug)]
pub struct FrontHandlers(pub Script);

impl notes_front::generated::api_notes::Notes for FrontHandlers {
}

/// The handlers of archive.
#[derive(Clone, Debug)]
pub struct ArchiveHandlers(pub Script);

impl notes_archive::generated::api_archive::Archive for ArchiveHandlers {
    async fn find(
        &self,
        ctx: notes_archive::generated::api_archive::FindContext,
        _: contracts::archive::ArchiveFindRequest,
    ) -> Result<contracts::Note, Problem> {
        self.0.answer(ctx.scope(), r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#).await
    }
    async fn keep(
        &self,
        ctx: notes_archive::generated::api_archive::KeepContext,
        _: contracts::Note,
    ) -> Result<contracts::Note, Problem> {
        self.0.answer(ctx.scope(), r#"{"id":"0b4e7c1e-5d0a-4c57-9f2f-8a1d3e6b7c90","text":"text","mood":"bright"}"#).await
    }
}

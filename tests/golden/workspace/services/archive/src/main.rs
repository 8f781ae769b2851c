//! Starts the service `archive`.

use platform::{Error, ServiceConfig, telemetry};

use notes_archive::app::App;
use notes_archive::generated;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = ServiceConfig::load(include_str!("../config/default.toml"))?;
    telemetry::init(&config.log)?;
    generated::run(App::default(), config).await
}

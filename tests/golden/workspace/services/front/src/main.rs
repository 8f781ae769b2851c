//! Starts the service `front`.

use platform::{Error, ServiceConfig, telemetry};

use notes_front::app::App;
use notes_front::generated;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let config = ServiceConfig::load(include_str!("../config/default.toml"))?;
    telemetry::init(&config.log)?;
    generated::run(App::default(), config).await
}

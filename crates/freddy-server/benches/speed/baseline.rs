//! What the server is compared with.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::delete;
use freddy_server::store::{Disconnect, DisconnectOutcome, Store};
use freddy_types::{ConnectorId, TraceId};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::database::KEY_ID;

/// Serves a route that does nothing, and one that disconnects a connector in a transaction of its own.
pub(crate) fn serve(database_url: &str) {
    Runtime::new().unwrap().block_on(async {
        let store = Store::open(database_url).await.unwrap();
        let each = async |State(store): State<Store>, Path(connector_id): Path<ConnectorId>| {
            let request = Disconnect { key_id: KEY_ID, connector_id, trace_id: TraceId::from_bits(0), at: 0 };
            let outcomes = store.disconnect(&[request]).await.unwrap();
            assert_eq!(outcomes, [DisconnectOutcome::Disconnected]);
            StatusCode::NO_CONTENT
        };
        let router = Router::new()
            .route("/bare", delete(async || StatusCode::NO_CONTENT))
            .route("/each/{id}", delete(each))
            .with_state(store);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        axum::serve(listener, router).await.unwrap();
    });
}

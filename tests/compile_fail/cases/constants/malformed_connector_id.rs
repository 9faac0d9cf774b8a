// A literal that is no connector ID is found when it is compiled, not when it is used.
use freddy_types::connector_id;

fn main() {
    let _ = connector_id!("pcon_abc-123");
}

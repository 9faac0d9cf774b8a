//! What is particular to disconnecting a connector.

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{Endpoint, ErrorCode, connector_id};

use super::credentials::word;
use super::names::{DONE, ELSES, ELSES_DONE, KEY, OWN, UNKNOWN};
use super::{Answer, Case, Exchange, Level, Request, Target, changed, reference_of, with_key};

/// Disconnecting a connector that is disconnected already succeeds, and changes nothing.
pub(super) fn target() -> Target {
    Target::of(&DisconnectConnector { connector_id: connector_id!("pcon_done") })
}

pub(super) fn exchanges(target: &Target) -> Vec<Exchange> {
    let path = |id: &str| target.request.path.replace(DONE, id);
    let call = |name: &str, why: &str, path: String, answer: Answer| {
        let request = target.message(&changed(&target.request, |request| request.path = path));
        target.exchange(Case::new(Level::Must, name, why), request, vec![answer])
    };
    let refused = |name: &str, why: &str, path: String| {
        call(name, why, path, Answer::error(ErrorCode::Forbidden)).see(reference_of(ErrorCode::Forbidden))
    };
    let own = call("disconnect-own", "Who has a connector may disconnect it.", path(OWN), target.success.clone());
    let again = "A call whose answer was lost can be repeated.";
    let longest = (0..).map(|length| path(&format!("{UNKNOWN}{}", "a".repeat(length))));
    let longest = longest.take_while(|path| DisconnectConnector::from_path(path).is_ok()).last().unwrap_or_default();
    let mut exchanges = vec![
        Exchange { disconnects: vec![OWN.to_owned()], ..own },
        call("disconnect-again", again, path(DONE), target.success.clone()),
        refused("disconnect-elses", "Nobody disconnects what is somebody else's.", path(ELSES)),
        refused(
            "disconnect-elses-again",
            "Whether somebody else's connector is disconnected is nobody's business.",
            path(ELSES_DONE),
        ),
        refused("disconnect-unknown", "Nobody can find out which connectors there are.", path(UNKNOWN)),
        refused("disconnect-unknown-longest", "An ID of the greatest length is well formed.", longest),
        refused("disconnect-own-and-more", "An ID that begins with that of an own connector is another one.", {
            path(&format!("{OWN}andmore"))
        }),
    ];
    // How a caller is known may lead to another way of looking things up.
    let refusals: Vec<_> = exchanges
        .iter()
        .filter(|exchange| exchange.answers.iter().all(|answer| answer.status >= 400))
        .cloned()
        .collect();
    for scheme in target.auth.iter().skip(1) {
        exchanges.extend(refusals.iter().cloned().map(|mut exchange| {
            exchange.case.name = format!("{}-with-{}", exchange.case.name, word(*scheme));
            if let Request::Message { headers, .. } = &mut exchange.request {
                *headers = vec![with_key(*scheme, KEY)];
            }
            exchange
        }));
    }
    exchanges
}

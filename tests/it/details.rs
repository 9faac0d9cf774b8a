//! Details of codes that the table does not have.

use freddy_types::{ApiError, Details, ErrorEnvelope, ErrorResponse, Integer, TraceId, extension_code, object};

use crate::support::{NOW, decode};

macro_rules! code_with_details {
    ($NAME:ident, $wire:literal, $Details:ident, $Received:ident) => {
        object! {
            /// How many there are.
            struct $Details, received as $Received {
                /// As many.
                required count: Integer<0, 9>,
            }
        }

        impl Details for $Details {}

        extension_code! {
            /// A code with details.
            const $NAME {
                code: $wire,
                status: 409,
                error_type: Client,
                heading: "Conflict",
                message: "m",
                system_message: "s",
                example_trace_id: "req_efg456",
                details: $Details,
            }
        }
    };
}

code_with_details!(ONE, "ONE", OneDetails, ReceivedOneDetails);
code_with_details!(OTHER, "OTHER", OtherDetails, ReceivedOtherDetails);

#[test]
fn details_of_an_extension_are_sent_and_read_by_their_type() {
    let failure = ONE.failure(OneDetails { count: Integer::literal::<7>() });
    let error = ApiError::new(failure, TraceId::from_bits(7), NOW);
    assert_eq!(error.details::<OneDetails>().unwrap().count.get(), 7);
    assert_eq!(error.details::<OtherDetails>(), None);

    let body = serde_json::to_string(&ErrorEnvelope::from(error)).unwrap();
    let received = decode(&body);
    assert_eq!(received.error().details::<OneDetails>().unwrap().unwrap().count.get(), 7);
    assert_eq!(received.error().details::<OtherDetails>().unwrap(), None);

    let response = ErrorResponse::decode(409_u16, &(), body.as_bytes());
    assert!(response.has_code(ONE.code()) && !response.has_code(OTHER.code()));

    // The table does not have the code, so it is not passed on as one of the table.
    assert_eq!(ApiError::try_from(received).unwrap_err().pointer(), "/error/code");
}

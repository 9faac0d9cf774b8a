//! Faults of TLS that trying again does not mend.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

/// What is wrong with the server, if no further attempt can succeed.
pub(crate) fn lasting_fault(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    let chain = successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        // The source of an I/O error is not the error in it but the source of that.
        Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
        None => error.source(),
    });
    chain.filter_map(|error| error.downcast_ref()).find_map(describe)
}

fn describe(error: &TlsError) -> Option<&'static str> {
    Some(match error {
        TlsError::InvalidCertificate(fault) => match fault {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate is not valid yet"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another name"
            }
            CertificateError::UnknownIssuer => "the server's certificate is from an issuer that is not trusted here",
            CertificateError::Revoked => "the server's certificate is revoked",
            _ => "the server's certificate is not accepted",
        },
        TlsError::NoCertificatesPresented => "the server has no certificate",
        TlsError::InvalidMessage(_) => "the server does not speak TLS",
        TlsError::PeerIncompatible(_) | TlsError::NoApplicationProtocol => {
            "the server and the client have no way of TLS in common"
        }
        TlsError::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::UnrecognisedName
            | AlertDescription::NoApplicationProtocol
            | AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => "the server refused the TLS handshake",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_mend_itself_is_not_lasting() {
        for error in [
            TlsError::AlertReceived(AlertDescription::InternalError),
            TlsError::AlertReceived(AlertDescription::UserCanceled),
            TlsError::HandshakeNotComplete,
            TlsError::General("x".to_owned()),
        ] {
            assert_eq!(lasting_fault(&io::Error::other(error)), None);
        }
        assert_eq!(lasting_fault(&io::Error::from(io::ErrorKind::UnexpectedEof)), None);
    }

    #[test]
    fn what_is_wrong_is_found_within_an_io_error() {
        let refused = TlsError::AlertReceived(AlertDescription::HandshakeFailure);
        let error = io::Error::other(io::Error::other(refused));
        assert_eq!(lasting_fault(&error), Some("the server refused the TLS handshake"));
        let revoked = io::Error::other(TlsError::InvalidCertificate(CertificateError::Revoked));
        assert_eq!(lasting_fault(&revoked), Some("the server's certificate is revoked"));
    }
}

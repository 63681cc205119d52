//! Looking through a file with clamd (clamd(8), INSTREAM): it is sent in pieces and answered with a verdict. The file is
//! not sealed on that way, so clamd runs on this machine.

use crate::config::Clamd;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// A verdict takes some tenths of a second; who has not answered by then is away.
const WITHIN: Duration = Duration::from_secs(20);
/// Bytes of a piece.
const PIECE: usize = 64 << 10;
/// Bytes of an answer.
const ANSWER: u64 = 4096;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Clean,
    /// Harmful software, by the name that the scanner has for it.
    Found(String),
}

/// Has a file looked through.
///
/// # Errors
/// Why there is no verdict, for the log: clamd is away, too slow, or did not take the file.
pub(super) async fn scan(clamd: &Clamd, bytes: &[u8]) -> Result<Verdict, String> {
    let asked = async {
        match clamd {
            Clamd::Socket(path) => ask(UnixStream::connect(path).await?, bytes).await,
            Clamd::Port(address) => ask(TcpStream::connect(address).await?, bytes).await,
        }
    };
    match timeout(WITHIN, asked).await {
        Ok(Ok(answer)) => read(&answer),
        Ok(Err(e)) => Err(format!("clamd cannot be reached: {e}")),
        Err(_) => Err("clamd did not answer in time".into()),
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> io::Result<String> {
    // Where it breaks off, it has usually said why.
    if let Err(broken) = send(&mut stream, bytes).await {
        let said = hear(&mut stream).await.unwrap_or_default();
        return if said.is_empty() { Err(broken) } else { Ok(said) };
    }
    hear(&mut stream).await
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(b"zINSTREAM\0").await?;
    for piece in bytes.chunks(PIECE) {
        stream.write_u32(u32::try_from(piece.len()).map_err(io::Error::other)?).await?;
        stream.write_all(piece).await?;
    }
    stream.write_u32(0).await?;
    stream.flush().await
}

async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut answer = Vec::new();
    let mut stream = stream.take(ANSWER);
    while !answer.contains(&0) && stream.read_buf(&mut answer).await? > 0 {}
    Ok(String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned())
}

/// `stream: OK`, `stream: NAME FOUND`, anything else is no verdict.
fn read(answer: &str) -> Result<Verdict, String> {
    if answer == "stream: OK" {
        return Ok(Verdict::Clean);
    }
    let found = answer.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND"));
    match found {
        Some(name) => Ok(Verdict::Found(name.chars().filter(|c| c.is_ascii_graphic()).take(80).collect())),
        None if answer.is_empty() => Err("clamd said nothing".into()),
        None => Err(format!(
            "clamd gave no verdict: {}",
            answer.chars().take(120).collect::<String>().escape_debug()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_in_so_many_words_is_a_verdict() {
        assert_eq!(read("stream: OK"), Ok(Verdict::Clean));
        assert_eq!(
            read("stream: Win.Test.EICAR_HDB-1 FOUND"),
            Ok(Verdict::Found("Win.Test.EICAR_HDB-1".into()))
        );
        for none in
            ["", "OK", "INSTREAM size limit exceeded. ERROR", "stream: OK\nstream: OK", "UNKNOWN COMMAND"]
        {
            assert!(read(none).is_err(), "{none}");
        }
    }

    #[actix_web::test]
    async fn a_file_is_sent_in_pieces_and_ended() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        let file = vec![7; PIECE + 3];
        let clamd = async {
            let mut all = vec![0; 10 + 4 + PIECE + 4 + 3 + 4];
            theirs.read_exact(&mut all).await.unwrap();
            theirs.write_all(b"stream: OK\0").await.unwrap();
            all
        };
        let (answer, sent) = tokio::join!(ask(ours, &file), clamd);
        assert_eq!(answer.unwrap(), "stream: OK");
        assert!(
            sent.starts_with(b"zINSTREAM\0\0\x01\0\0\x07")
                && sent.ends_with(b"\0\0\0\x03\x07\x07\x07\0\0\0\0")
        );
    }

    #[actix_web::test]
    async fn nobody_there_is_no_verdict() {
        let nowhere = Clamd::Socket("/nonexistent/clamd.ctl".into());
        assert!(scan(&nowhere, b"x").await.unwrap_err().contains("cannot be reached"));
    }
}

//! Files as they are shipped: plain, gzipped, or zipped, also zip files within a zip file.
//! Everything is unpacked in memory, one label at a time, within fixed bounds.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::Error;

/// Largest unpacked file, in megabytes.
const MAX_MEGABYTES: u64 = 32;
/// Largest unpacked size of all files of an archive together, in megabytes.
const MAX_TOTAL_MEGABYTES: u64 = 2048;
/// Text shrinks to a tenth, the most repetitive labels to a fiftieth.
const MAX_RATIO: u64 = 200;
/// Small files may shrink as they like: only what is large can hurt.
const SMALL: u64 = 1024 * 1024;
/// Most files in an archive; a part of DailyMed's monthly release holds about 10,000.
const MAX_FILES: usize = 20_000;

/// Takes the name of a label file and its bytes.
type Each<'a> = &'a mut dyn FnMut(&str, Result<&[u8], Error>);

/// Hands each label file within `bytes` to `each`, with its name: `name` itself, or
/// `name/inner.zip/label.xml`. What cannot be read is handed over as an error under its name.
pub fn unpack(name: &str, bytes: &[u8], each: Each<'_>) {
    let mut left = MAX_TOTAL_MEGABYTES * 1024 * 1024;
    open(name, bytes, 0, &mut left, each);
}

fn open(name: &str, bytes: &[u8], depth: usize, left: &mut u64, each: Each<'_>) {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let unpacked = read(MultiGzDecoder::new(bytes), bytes.len() as u64, left);
        match unpacked {
            Ok(inner) => each(name, Ok(&inner)),
            Err(error) => each(name, Err(error)),
        }
    } else if bytes.starts_with(b"PK") && depth > 1 {
        each(name, Err(Error::Damaged("zip files nested more than twice".to_owned())));
    } else if bytes.starts_with(b"PK") {
        if let Err(error) = archive(name, bytes, depth, left, each) {
            each(name, Err(error));
        }
    } else {
        each(name, Ok(bytes));
    }
}

fn archive(
    name: &str,
    bytes: &[u8],
    depth: usize,
    left: &mut u64,
    each: Each<'_>,
) -> Result<(), Error> {
    let damaged = |error: zip::result::ZipError| Error::Damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_FILES {
        return Err(Error::TooManyFiles(MAX_FILES));
    }
    let mut found = false;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(damaged)?;
        let shown = file.name().map_err(damaged)?.into_owned();
        let inner_name = shown.to_lowercase();
        // Pictures and style sheets come along and are left; zip files nest once, never deeper.
        let ending = inner_name.trim_end_matches(".gz").rsplit('.').next().unwrap_or_default();
        if !["xml", "json"].contains(&ending) && (ending != "zip" || depth > 0) {
            continue;
        }
        found = true;
        let place = format!("{name}/{}", shown.escape_debug());
        let packed = file.compressed_size();
        match read(file, packed, left) {
            Ok(inner) => open(&place, &inner, depth + 1, left, each),
            Err(error) => each(&place, Err(error)),
        }
    }
    if found { Ok(()) } else { Err(Error::NothingInside) }
}

/// Reads all of `source`, whose packed size is `packed`, within the bounds.
fn read(source: impl Read, packed: u64, left: &mut u64) -> Result<Vec<u8>, Error> {
    let megabyte = 1024 * 1024;
    let by_ratio = (packed.saturating_mul(MAX_RATIO)).max(SMALL);
    let limit = by_ratio.min(MAX_MEGABYTES * megabyte).min(*left);
    let mut bytes = Vec::new();
    let result = source.take(limit + 1).read_to_end(&mut bytes);
    let size = bytes.len() as u64;
    *left = left.saturating_sub(size);
    if size > limit {
        let what = if limit == by_ratio { None } else { Some("the unpacked file") };
        return Err(what.map_or(Error::Bomb(MAX_RATIO), |what| Error::TooLarge {
            what,
            limit: limit / megabyte,
        }));
    }
    result.map_err(|error| Error::Damaged(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn seen(bytes: &[u8]) -> Vec<String> {
        let mut seen = Vec::new();
        unpack("f", bytes, &mut |name, result| {
            let what = match result {
                Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Err(error) => error.to_string(),
            };
            seen.push(format!("{name}: {what}"));
        });
        seen
    }

    #[test]
    fn labels_are_found_in_every_wrapping() {
        let inner = zipped(&[("a.xml", b"<a/>"), ("a.jpg", b"picture")]);
        let outer = zipped(&[("prescription/x.zip", &inner), ("b.xml", b"<b/>")]);
        assert_eq!(seen(b"<a/>"), ["f: <a/>"]);
        assert_eq!(seen(&gzipped(b"<a/>")), ["f: <a/>"]);
        assert_eq!(seen(&outer), ["f/prescription/x.zip/a.xml: <a/>", "f/b.xml: <b/>"]);
    }

    #[test]
    fn bombs_and_damage_are_told_and_the_rest_is_read() {
        let nought = vec![b' '; 40 * 1024 * 1024];
        let error = seen(&gzipped(&nought)).concat();
        assert!(error.contains("no label but a trap"), "{error}");
        let archive = zipped(&[("bomb.xml", &nought), ("good.xml", b"<a/>")]);
        let both = seen(&archive);
        assert!(both[0].contains("trap") && both[1].ends_with("<a/>"), "{both:?}");
        let whole = gzipped(b"<a>some words that end in the middle</a>");
        assert!(seen(&whole[..whole.len() - 9]).concat().contains("damaged or incomplete"));
        assert!(seen(&archive[..50]).concat().contains("damaged or incomplete"));
        assert!(seen(&zipped(&[("a.jpg", b"x")])).concat().contains("holds no .xml file"));
    }
}

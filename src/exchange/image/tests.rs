use super::*;
use crate::counting::most;
use crate::picture::{jpeg, png};
use crate::web::qr::Qr;
use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;
use std::io::{Cursor, Write};

const MIB: usize = 1 << 20;
/// However busy the machine of the tests is.
const AT_LEISURE: Duration = Duration::from_secs(120);

/// As a request is worked on: the header first, then all of it.
fn read(bytes: Vec<u8>) -> Result<String, PictureError> {
    let header = header::read(&bytes)?;
    decode(bytes, header, AT_LEISURE)
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn a_document_survives_rotation_margins_and_jpeg() {
    let text = crate::hcert::examples::published().unwrap().examples[3].text.clone();
    let code = image::load_from_memory(&Qr::new(&text).unwrap().png(4).unwrap()).unwrap();
    assert_eq!(read(png(&code)).as_ref(), Ok(&text));
    let mut photo = GrayImage::from_pixel(2400, 3200, image::Luma([180]));
    let large = code.resize(1200, 1200, FilterType::Triangle).rotate90().into_luma8();
    image::imageops::overlay(&mut photo, &large, 500, 1100);
    let mut jpeg = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(photo).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    assert_eq!(read(jpeg.into_inner()).as_ref(), Ok(&text));
}

#[test]
fn light_codes_on_dark_ground_are_read() {
    let text = crate::hcert::examples::published().unwrap().examples[3].text.clone();
    let code = image::load_from_memory(&Qr::new(&text).unwrap().png(4).unwrap()).unwrap().into_luma8();
    let mut night = code.clone();
    image::imageops::invert(&mut night);
    let green = image::RgbImage::from_fn(code.width(), code.height(), |x, y| {
        image::Rgb(if code.get_pixel(x, y).0[0] < 128 { [255, 255, 255] } else { [7, 120, 60] })
    });
    let nothing = image::RgbaImage::from_fn(code.width(), code.height(), |x, y| {
        image::Rgba(if code.get_pixel(x, y).0[0] < 128 { [255, 255, 255, 255] } else { [0, 0, 0, 0] })
    });
    let screenshot = image::RgbaImage::from_fn(code.width(), code.height(), |x, y| {
        let luma = night.get_pixel(x, y).0[0];
        image::Rgba([luma, luma, luma, 255])
    });
    for picture in [
        DynamicImage::ImageLuma8(night.clone()),
        DynamicImage::ImageRgb8(green),
        DynamicImage::ImageRgba8(nothing),
        DynamicImage::ImageRgba8(screenshot),
    ] {
        assert_eq!(read(png(&picture)).as_ref(), Ok(&text), "{:?}", picture.color());
    }
}

/// A photo of a code as a hand takes it: turned, from the side, unevenly lit, not quite sharp, grainy.
fn photo(text: &str, turned: f32, aside: f32, grain: u64) -> GrayImage {
    const EDGE: u16 = 1000;
    let code = image::load_from_memory(&Qr::new(text).unwrap().png(8).unwrap()).unwrap().into_luma8();
    let middle = f32::from(EDGE) / 2.0;
    let mut noise = 0x2020_0312_u64;
    let picture = GrayImage::from_fn(EDGE.into(), EDGE.into(), |x, y| {
        let at = |n: u32| f32::from(u16::try_from(n).unwrap()) - middle;
        let far = 1.0 + aside * at(x) / middle + 0.5 * aside * at(y) / middle;
        let (dx, dy) = (at(x) / far, at(y) / far);
        let across = (dx * turned.cos() - dy * turned.sin()) / (0.64 * f32::from(EDGE)) + 0.5;
        let down = (dx * turned.sin() + dy * turned.cos()) / (0.64 * f32::from(EDGE)) + 0.5;
        let module = image::imageops::sample_nearest(&code, across.max(-1.0), down.max(-1.0));
        let inside = (0.0..1.0).contains(&across) && (0.0..1.0).contains(&down);
        let ink = module.filter(|_| inside).map_or(140, |p| u64::from(p.0[0]));
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        let light = 150 + 50 * u64::from(x) / u64::from(EDGE);
        let seen = 25 + ink * light / 255 + noise % (grain + 1);
        image::Luma([u8::try_from(seen.min(255)).unwrap()])
    });
    image::imageops::blur(&picture, 0.8)
}

#[test]
fn photos_of_codes_of_every_size_are_read() {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut state = 7_usize;
    for length in [250, 363, 480] {
        for (turned, aside) in [(0.05, 0.0), (0.2, 0.1), (0.8, 0.0), (-0.1, 0.2)] {
            let mut text = String::from(crate::hcert::issue::PREFIX);
            for _ in 0..length {
                state = (state * 6_364_136 + 1_442_695) % 1_000_003;
                text.push(char::from(LETTERS[state % LETTERS.len()]));
            }
            let mut jpeg = Cursor::new(Vec::new());
            let photo = photo(&text, turned, aside, 20);
            DynamicImage::ImageLuma8(photo).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
            assert_eq!(read(jpeg.into_inner()), Ok(text), "{length} {turned} {aside}");
        }
    }
}

#[test]
fn of_two_codes_the_health_document_is_taken() {
    let mut both = GrayImage::from_pixel(1600, 800, image::Luma([255]));
    for (text, x) in [("HTTP://EXAMPLE.INVALID", 60), ("HC1:6BFOXN", 860)] {
        let code = image::load_from_memory(&Qr::new(text).unwrap().png(16).unwrap()).unwrap();
        image::imageops::overlay(&mut both, &code.into_luma8(), x, 60);
    }
    assert_eq!(read(png(&DynamicImage::ImageLuma8(both))).as_deref(), Ok("HC1:6BFOXN"));
}

#[test]
fn a_picture_of_nothing_but_corners_comes_to_an_end() {
    const CORNER: [u8; 7] =
        [0b111_1111, 0b100_0001, 0b101_1101, 0b101_1101, 0b101_1101, 0b100_0001, 0b111_1111];
    for pitch in [8, 12, 16] {
        let picture = GrayImage::from_fn(400, 400, |x, y| {
            let row = CORNER.get(usize::try_from(y % pitch).unwrap()).copied().unwrap_or(0);
            let black = x % pitch < 7 && (row >> (6 - x % pitch)) & 1 == 1;
            image::Luma([if black { 0 } else { 255 }])
        });
        assert_eq!(read(png(&DynamicImage::ImageLuma8(picture))), Err(PictureError::NoCode));
    }
}

#[test]
fn odd_pictures_are_no_code_and_no_crash() {
    for (width, height) in [(1, 1), (1, 400), (7, 3), (39, 41), (2000, 5)] {
        let checked =
            GrayImage::from_fn(width, height, |x, y| image::Luma([if (x ^ y) & 1 == 0 { 0 } else { 255 }]));
        let striped =
            GrayImage::from_fn(width, height, |x, _| image::Luma([u8::try_from(x * 37 % 256).unwrap()]));
        for picture in [checked, striped] {
            assert_eq!(read(png(&DynamicImage::ImageLuma8(picture))), Err(PictureError::NoCode));
        }
    }
}

/// A chunk with its right checksum.
fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(content);
    let length = u32::try_from(content.len()).unwrap();
    [&length.to_be_bytes()[..], kind, content, &crc.sum().to_be_bytes()].concat()
}

/// So many zero bytes, packed.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&vec![0; bytes]).unwrap();
    packer.finish().unwrap()
}

fn header_chunk(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[&sides[..], &[depth, colour, 0, 0, 0]].concat())
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png::SIGNATURE[..], &chunks.concat()].concat()
}

#[test]
fn what_is_no_picture_and_what_is_too_large_is_refused_by_its_header() {
    for bytes in
        [&b"GIF89a"[..], b"HC1:", b"", &png::SIGNATURE, &jpeg::BEGIN, b"RIFF\0\0\0\0WEBPVP8 ", b"PK\x03\x04"]
    {
        assert_eq!(header::read(bytes), Err(PictureError::Type), "{bytes:?}");
    }
    let of =
        |width, height, depth, colour| header::read(&file(&[header_chunk(width, height, depth, colour)]));
    for (width, height) in [(30_000, 30_000), (10_001, 1), (u32::MAX, u32::MAX), (6000, 6000)] {
        assert_eq!(of(width, height, 8, 2), Err(PictureError::Pixels), "{width} {height}");
    }
    assert_eq!(of(0, 8, 8, 2), Err(PictureError::Type));
    assert_eq!(of(8, 8, 16, 3), Err(PictureError::Type), "no such depth of a palette");
    // What telephones show, and what they photograph.
    for (width, height, depth, colour) in [(1440, 3200, 8, 6), (2160, 3840, 8, 2), (9000, 1000, 1, 0)] {
        assert!(of(width, height, depth, colour).is_ok(), "{width} {height}");
    }
    assert_eq!(read(png(&DynamicImage::new_luma8(300, 300))), Err(PictureError::NoCode));
}

/// A file of 60 KB whose profile or text unpacks to 64 MB, or whose picture goes on beyond its frame.
#[test]
fn what_is_packed_beside_a_picture_is_not_unpacked() {
    let packed = bomb(64 * MIB);
    let (frame, end) = (header_chunk(10, 10, 8, 0), chunk(b"IEND", &[]));
    let pixels = chunk(b"IDAT", &bomb(110));
    for (kind, before) in [
        (b"iCCP", &b"x\0\0"[..]),
        (b"zTXt", b"x\0\0"),
        (b"iTXt", b"x\0\x01\0\0\0"),
        (b"fdAT", b"\0\0\0\0"),
        (b"PLTE", b""),
    ] {
        let beside = chunk(kind, &[before, &packed].concat());
        for bytes in [
            file(&[frame.clone(), beside.clone(), pixels.clone(), end.clone()]),
            file(&[frame.clone(), pixels.clone(), beside.clone(), end.clone()]),
        ] {
            // What the thread that answers everybody does.
            let (header, before) = most(|| header::read(&bytes).unwrap());
            assert!(before < 1024, "{before} bytes before anything was set aside");
            assert!(header.kib < 2048, "{header:?}");
            let (found, bytes) = most(|| decode(bytes, header, AT_LEISURE));
            assert_eq!(found, Err(PictureError::NoCode));
            assert!(bytes < 2 * MIB, "{kind:?}: {bytes}");
        }
    }
    let beyond = file(&[frame, chunk(b"IDAT", &packed), end]);
    let header = header::read(&beyond).unwrap();
    let (found, bytes) = most(|| decode(beyond, header, AT_LEISURE));
    assert_eq!(found, Err(PictureError::NoCode));
    assert!(bytes < 2 * MIB, "{bytes}");
}

/// However long pictures of strangers take, who verifies finds a thread of their own.
#[actix_web::test]
async fn a_verifier_stands_in_no_line_with_strangers() {
    let (pictures, text) = (Pictures::new().unwrap(), "HC1:6BFOXN".to_owned());
    let picture = || Picture { bytes: Qr::new(&text).unwrap().png(4).unwrap(), held: None };
    let from = |n: u32| crate::web::limits::Client::of(n.to_be_bytes().into()).network();
    let turns = &pictures.lane(false).turns;
    let mut held = Vec::new();
    for n in 0..u32::try_from(std::thread::available_parallelism().unwrap().get()).unwrap() {
        let mut turn = std::pin::pin!(turns.enter(from(n << 8), 1));
        if let std::task::Poll::Ready(turn) = futures_util::poll!(&mut turn) {
            held.push(turn.unwrap());
        }
    }
    let mut stranger = std::pin::pin!(pictures.lane(false).read(from(1 << 30), picture()));
    assert!(futures_util::poll!(&mut stranger).is_pending(), "all threads are taken");
    assert!(turns.anybody_waits());
    assert_eq!(pictures.lane(true).read(from(1 << 31), picture()).await.unwrap(), text);
    drop(held);
    assert_eq!(stranger.await.unwrap(), text);
}

#[test]
fn no_picture_needs_more_than_was_set_aside() {
    let (width, height) = (1900, 1300);
    let grey = GrayImage::from_fn(width, height, |x, y| image::Luma([u8::try_from((x * y) % 251).unwrap()]));
    let grey = DynamicImage::ImageLuma8(grey);
    let mut clear = grey.to_rgba8();
    clear.pixels_mut().for_each(|p| p.0[3] = p.0[0]);
    let mut halves = grey.to_luma_alpha16();
    halves.pixels_mut().for_each(|p| p.0[1] = p.0[0]);
    let pictures: [DynamicImage; 7] = [
        grey.to_luma_alpha8().into(),
        grey.to_rgb8().into(),
        clear.into(),
        grey.to_luma16().into(),
        halves.into(),
        grey.to_rgb16().into(),
        grey.to_rgba16().into(),
    ];
    let mut files: Vec<(String, Vec<u8>)> =
        pictures.iter().map(|p| (format!("{:?}", p.color()), png(p))).collect();
    for (name, picture) in [("grey photo", &grey), ("photo", &DynamicImage::from(grey.to_rgb8()))] {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        files.push((name.into(), bytes.into_inner()));
    }
    for (name, bytes) in files {
        let header = header::read(&bytes).unwrap();
        let (pixels, given) = most(|| grey::decode(bytes, header).unwrap());
        assert_eq!(pixels.0.dimensions(), (width, height));
        assert!(given <= usize::try_from(header.kib).unwrap() * 1024, "{name}: {given} of {header:?}");
    }
}

fn jpeg_of(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

#[test]
fn a_photo_with_profile_previews_and_texts_is_read_without_them() {
    let text = crate::hcert::examples::published().unwrap().examples[3].text.clone();
    let code = image::load_from_memory(&Qr::new(&text).unwrap().png(4).unwrap()).unwrap();
    let plain = jpeg_of(&code);
    let mut dressed = plain[..2].to_vec();
    for marker in [0xe1, 0xe2, 0xed, 0xee, 0xfe] {
        for _ in 0..12 {
            dressed.extend([0xff, 0xff, marker, 0xff, 0xfe]);
            dressed.extend(vec![0xd8; 0xfffc]);
        }
    }
    dressed.extend(&plain[2..]);
    dressed.extend(b"what follows the end");
    assert_eq!(header::read(&dressed), header::read(&plain));
    let mut stripped = dressed.clone();
    jpeg::strip(&mut stripped).unwrap();
    assert!(stripped.len() < plain.len(), "{} {}", stripped.len(), plain.len());
    assert_eq!(read(dressed), Ok(text));
}

/// A frame's header as a file of nothing else has it.
fn jpeg_header(marker: u8, (width, height): (u16, u16), sampling: &[u8], first_scan: u8) -> Vec<u8> {
    let count = u8::try_from(sampling.len()).unwrap();
    let mut bytes = vec![0xff, 0xd8, 0xff, marker, 0, 8 + 3 * count, 8];
    bytes.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    bytes.push(count);
    for (name, factors) in (1..).zip(sampling) {
        bytes.extend([name, *factors, 0]);
    }
    bytes.extend([0xff, 0xda, 0, 6 + 2 * first_scan, first_scan]);
    bytes.extend(vec![0; usize::from(2 * first_scan) + 3]);
    bytes
}

#[test]
fn what_a_jpeg_needs_is_known_from_its_header() {
    let whole = (4000, 4000);
    // A photo as cameras write it: 16 million bytes of grey.
    let photo = header::read(&jpeg_header(0xc0, whole, &[0x22, 0x11, 0x11], 3)).unwrap();
    assert_eq!(photo.kib, 1024 + 16_000_000 / 1024);
    for (why, bytes) in [
        ("progressive: coefficients of all of it", jpeg_header(0xc2, whole, &[0x22, 0x11, 0x11], 3)),
        ("one scan a component: the same", jpeg_header(0xc0, whole, &[0x22, 0x11, 0x11], 1)),
        ("sampled fourfold", jpeg_header(0xc2, (2900, 2900), &[0x14, 0x14, 0x14], 3)),
    ] {
        assert_eq!(header::read(&bytes), Err(PictureError::Pixels), "{why}");
    }
    assert!(header::read(&jpeg_header(0xc2, (2500, 2500), &[0x22, 0x11, 0x11], 3)).is_ok());
    for (why, bytes) in [
        ("lossless", jpeg_header(0xc3, whole, &[0x11], 1)),
        ("no such sampling", jpeg_header(0xc0, whole, &[0x51], 1)),
        ("two components", jpeg_header(0xc0, whole, &[0x11, 0x11], 2)),
        ("no height", jpeg_header(0xc0, (8, 0), &[0x11], 1)),
    ] {
        assert_eq!(header::read(&bytes), Err(PictureError::Type), "{why}");
    }
}

#[test]
fn too_many_passes_and_a_second_frame_are_refused() {
    let plain = jpeg_of(&DynamicImage::new_rgb8(64, 64));
    let scan = plain.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let mut passes = plain[..plain.len() - 2].to_vec();
    for _ in 0..30 {
        passes.extend(&plain[scan..plain.len() - 2]);
    }
    assert_eq!(jpeg::strip(&mut passes), Err(Fault::Type));
    let frame = plain.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    // The second says 60,000 × 60,000.
    let mut second = jpeg_header(0xc0, (60_000, 60_000), &[0x11, 0x11, 0x11], 3);
    second.splice(..2, plain[..frame + 19].iter().copied());
    assert_eq!(jpeg::strip(&mut second.clone()), Err(Fault::Type));
    let mut one = plain.clone();
    assert_eq!(jpeg::strip(&mut one), Ok(()));
}

#[test]
fn what_is_cut_off_costs_no_more() {
    let picture = DynamicImage::ImageRgb8(image::RgbImage::from_fn(90, 70, |x, y| {
        image::Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 7])
    }));
    for whole in [png(&picture), jpeg_of(&picture)] {
        for cut in 0..whole.len() {
            let (found, bytes) = most(|| read(whole[..cut].to_vec()));
            assert!(found.is_err() && bytes < 2 * MIB, "cut at {cut}: {found:?}, {bytes}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, at in 0_usize..400, jpeg: bool) {
        let begin: &[u8] = if jpeg { &jpeg::BEGIN } else { &png::SIGNATURE };
        let _ = header::read(&[begin, &bytes].concat());
        let _ = png::strip(&mut [begin, &bytes].concat());
        let _ = jpeg::strip(&mut [begin, &bytes].concat());
        // A picture with something else in its middle.
        let picture = DynamicImage::new_rgb8(24, 24);
        let mut whole = if jpeg { jpeg_of(&picture) } else { png(&picture) };
        let end = (at + bytes.len()).min(whole.len());
        whole.splice(at.min(end)..end, bytes);
        if let Some(header) = header::read(&whole).ok().filter(|header| header.kib < 4096) {
            let _ = std::panic::catch_unwind(|| grey::decode(whole, header));
        }
    }
}

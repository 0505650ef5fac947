"""A film out of a scene: ffmpeg moves the layers, sets the titles and plays the chord, into two qualities at once."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import imageio_ffmpeg
from PIL import Image

from runtime.demo.canvas import Layer, Stage
from runtime.demo.film import Film
from runtime.demo.posters import end_card, title_card
from runtime.demo.scenes import draw

FRAME = Stage(960, 540, 120)
SECONDS, RATE = 20, 15
SUBTITLE_STREAM = 2
QUALITIES = {"540p": 540, "270p": 270}
SHOTS = 6  # one in the middle of each equal share of the film
MIME = "video/mp4"
HALT_SECONDS = 0.2  # how often a running ffmpeg is looked after
QUIETLY = ["-y", "-v", "error", "-nostdin", "-threads", "1", "-filter_complex_threads", "1"]
SOUND_ENCODING = ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "80k"]
PICTURE_ENCODING = f"-c:v libx264 -preset ultrafast -pix_fmt yuv420p -threads 1 -g {2 * RATE}".split()


class FilmingFailed(Exception):
    """ffmpeg gave no film; the message is its own last line."""


class FilmingHalted(Exception):
    """Filming was told to stop."""


def shoot(film: Film, directory: Path, halt: Event) -> dict[str, Path]:
    """The film in every quality as H.264/AAC MP4 with its index in front and English subtitles: paths by quality.
    Beside them lie its screenshots, `shot-1.jpg` and so on.

    Raises FilmingFailed, and FilmingHalted soon after `halt` is set.
    """
    scene = draw(film.scene, FRAME, film.seed)
    ground = scene.source or f"color=c=black:s={FRAME.width}x{FRAME.height}:r={RATE}"
    films = {quality: directory / f"{quality}.mp4" for quality in QUALITIES}
    with TemporaryDirectory(dir=directory) as scratch:
        soundtrack = Path(scratch) / "sound.m4a"
        _ffmpeg(film, halt, ["-filter_complex", sound(film), "-map", "[sound]", *SOUND_ENCODING, str(soundtrack)])
        layers = [] if scene.source else merged(scene.layers)
        pictures = [*(layer.image for layer in layers), title_card(film, FRAME), end_card(film, FRAME)]
        command = [part for picture in pictures for part in _input(picture, Path(scratch))]
        words = Path(scratch) / "words.srt"
        words.write_text(subtitles(film), encoding="utf-8")
        command += ["-i", str(soundtrack), "-i", str(words)]
        scaled = f"scale={FRAME.width}:{FRAME.height}:flags=neighbor,fps={RATE}"
        start = f"{ground},{scaled},trim=duration={SECONDS},format=yuv420p[s0]"
        command += ["-filter_complex", f"{start};{_moves(layers)}"]
        for quality, path in films.items():
            command += [*_encoding(quality, len(pictures)), str(path)]
        shots = ["-map", "[shots]", "-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "4"]
        command += [*shots, str(directory / "shot-%d.jpg")]
        _ffmpeg(film, halt, command)
    return films


def _ffmpeg(film: Film, halt: Event, arguments: list[str]) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *QUIETLY, *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as filming:  # noqa: S603 - our own arguments
        said = ""
        while filming.returncode is None:
            try:
                _, said = filming.communicate(timeout=HALT_SECONDS)
            except subprocess.TimeoutExpired:
                if halt.is_set():
                    filming.kill()
    if halt.is_set():
        raise FilmingHalted(film.title)
    if filming.returncode:
        raise FilmingFailed(f"{film.title}: {(said.strip().splitlines() or ['ffmpeg gave no reason'])[-1]}")


def merged(layers: Iterable[Layer]) -> list[Layer]:
    """Neighbouring layers that move alike, flattened into one."""
    flat: list[Layer] = []
    for _, group in groupby(
        layers, key=lambda layer: (layer.at, layer.travel, layer.sway, layer.shown, layer.image.size)
    ):
        first, *others = group
        picture = first.image.copy() if others else first.image
        for layer in others:
            picture.alpha_composite(layer.image)
        flat.append(Layer(picture, first.at, first.travel, first.sway, first.shown))
    return flat


def _input(picture: Image.Image, directory: Path) -> list[str]:
    """The picture as an input of ffmpeg, by way of a file of plain pixels, which costs nothing to write or read."""
    path = directory / f"{id(picture)}.rgba"
    path.write_bytes(picture.tobytes())
    return ["-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", f"{picture.width}x{picture.height}", "-i", str(path)]


def _moves(layers: list[Layer]) -> str:
    """The filter graph from [s0] and the layers to [v540p], [v270p] and [shots], with fades and both cards."""
    steps = [
        f"[s{n}][{n}:v]overlay=x='{_axis(layer, 0)}':y='{_axis(layer, 1)}'{_when(layer)}[s{n + 1}]"
        for n, layer in enumerate(layers)
    ]
    count, hold = len(layers), f"format=yuva420p,loop=loop=-1:size=1,setpts=N/({RATE}*TB)"
    end, share = SECONDS - 2.5, SECONDS * RATE // SHOTS
    return ";".join(
        [
            *steps,
            f"[{count}:v]{hold},trim=duration=5,fade=in:st=0.3:d=0.7:alpha=1,fade=out:st=4:d=0.8:alpha=1[title]",
            f"[{count + 1}:v]{hold},trim=duration=2.5,fade=in:d=0.8:alpha=1,setpts=PTS+{end}/TB[end]",
            f"[s{count}]fade=in:d=0.6[lit]",
            "[lit][title]overlay=eof_action=pass[titled]",
            f"[titled][end]overlay=eof_action=pass:enable='gte(t,{end})',split[v540p][whole]",
            "[whole]scale=480:270:flags=fast_bilinear,format=yuv420p,split[v270p][small]",
            f"[small]select='eq(mod(n,{share}),{share // 2})',format=yuvj420p[shots]",
        ]
    )


def _axis(layer: Layer, axis: int) -> str:
    place, travel, sway = layer.at[axis], layer.travel[axis], layer.sway[axis]
    start = place - (FRAME.margin if axis == 0 else 0)
    moving = f"{start:.1f}" + (f"+{travel:.1f}*(t/{SECONDS}-0.5)" if travel else "")
    return moving + (f"+{sway:.1f}*sin({6.2832 / layer.sway[2]:.4f}*t+{axis})" if sway else "")


def _when(layer: Layer) -> str:
    return f":enable='{layer.shown}'" if layer.shown else ""


def sound(film: Film) -> str:
    """A slow arpeggio over a drone and, where the film asks for it, wind: the graph that ends in [sound]."""
    plucks = "+".join(
        f"0.16*exp(-2.2*mod(t+{n * 0.75}\\,3))*sin(6.28319*{2 * tone}*t)" for n, tone in enumerate(film.chord)
    )
    drone = f"0.10*sin(6.28319*{film.chord[0]}*t)*(1+0.4*sin(0.7*t))"
    return (
        f"aevalsrc='{plucks}+{drone}':s=22050:d={SECONDS}[tones];"
        f"anoisesrc=c=brown:a={0.02 + 0.3 * film.noise:.2f}:r=22050:d={SECONDS}:seed=7,tremolo=f=0.2:d=0.7[air];"
        f"[tones][air]amix=inputs=2:normalize=0,aecho=0.8:0.6:420|760:0.3|0.18,"
        f"afade=in:d=1.5,afade=out:st={SECONDS - 2.5}:d=2.5[sound]"
    )


def subtitles(film: Film) -> str:
    """What the narrator would say: the synopsis in SubRip, a sentence at a time between the titles and the end."""
    sentences = re.findall(r"[^.!?]+[.!?]+", film.synopsis) or [film.synopsis]
    share = (SECONDS - 8) / len(sentences)
    cues: list[str] = []
    for place, sentence in enumerate(sentences):
        start, end = (f"00:00:{5 + at * share:06.3f}".replace(".", ",") for at in (place, place + 0.96))
        cues.append(f"{place + 1}\n{start} --> {end}\n{sentence.strip()}\n")
    return "\n".join(cues)


def _encoding(quality: str, soundtrack: int) -> list[str]:
    crf = "22" if quality == "540p" else "26"
    streams = ["-map", f"[v{quality}]", "-map", f"{soundtrack}:a", "-map", f"{soundtrack + 1}:s", "-t", str(SECONDS)]
    streams += ["-c:a", "copy", "-c:s", "mov_text", "-metadata:s:s:0", "language=eng"]
    return [*streams, *PICTURE_ENCODING, "-crf", crf, "-movflags", "+faststart", "-map_metadata", "-1", "-f", "mp4"]

"""Containers with subtitles, made on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import imageio_ffmpeg

SRT: Final = """1
00:00:00,500 --> 00:00:02,000
<i>Hello</i> & <b>goodbye

2
00:00:02,500 --> 00:00:04,000
{\\an8}<script>alert(1)</script> 1 < 2

3
00:00:04,500 --> 00:00:05,500
Zwei
Zeilen
"""
ASS: Final = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Underline, Alignment
Style: Default,Arial,20,&H00FFFFFF,0,0,0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{\\i1}Hola{\\i0}, mundo\\Notra <línea>
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
"""


def make(folder: Path, name: str, *, seconds: int = 6, codec: str | None = None, size: str = "64x36") -> Path:
    """`name`'s ending is the container: two sounds, an English and a Spanish subtitle."""
    (folder / "one.srt").write_text(SRT, encoding="utf-8")
    (folder / "two.ass").write_text(ASS, encoding="utf-8")
    path = folder / name
    inputs = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=10:d={seconds}"]
    for pitch in (220, 440):
        inputs += ["-f", "lavfi", "-i", f"sine=f={pitch}:d={seconds}"]
    inputs += ["-i", str(folder / "one.srt"), "-i", str(folder / "two.ass")]
    chosen = [part for number in range(5) for part in ("-map", str(number))]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    texts = ["-c:s", codec] if codec else ["-c:s:0", "subrip", "-c:s:1", "ass"]
    languages = ["-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=spa"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *inputs, *chosen, *coding, *texts, *languages]
    subprocess.run([*command, str(path)], check=True, timeout=60)
    return path

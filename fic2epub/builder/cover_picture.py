"""The reader's own picture as a cover: a plain JPEG that every device shows.

No larger than Amazon's ideal of 1600 × 2560 (Amazon's cover guidelines, read 2026-08), never enlarged,
turned upright, without transparency, and without EXIF: a photograph may name the place it was taken at.
"""

import io
import warnings
from functools import lru_cache

from PIL import Image, ImageOps

from fic2epub.errors import UsageError

__all__ = ["read_picture"]

LARGEST = (1600, 2560)
_MOST_PIXELS = 100_000_000
"""Ten times a telephone's photograph; more is a bomb or a mistake."""
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")
_QUALITY = 90


@lru_cache(maxsize=2)  # all books of a run have the same
def read_picture(content: bytes) -> bytes:
    """A picture file's bytes as JPEG, RGB. Raises UsageError if it is none, damaged or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its metadata, which does not come along
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise UsageError(
                        f"--cover: {picture.width:,} × {picture.height:,} pixels are too many. "
                        f"Make it {LARGEST[0]} × {LARGEST[1]}."
                    )
                picture.load()
                upright = ImageOps.exif_transpose(picture)
    except UsageError:
        raise
    # Pillow's readers let through what a damaged file makes them stumble over.
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        OverflowError,
    ) as error:
        raise UsageError(
            "--cover: not a picture that can be read, or a damaged one. Give a JPEG, PNG, WebP or GIF."
        ) from error
    except Image.DecompressionBombError as error:
        raise UsageError("--cover: the picture has too many pixels. Make it smaller.") from error
    upright.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    target = io.BytesIO()
    _opaque(upright).save(target, "JPEG", quality=_QUALITY, progressive=False, optimize=False)
    return target.getvalue()


def _opaque(picture: Image.Image) -> Image.Image:
    """The picture in RGB, on white where one could see through it."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return picture.convert("RGB")

"""An adult pelvis and hips, in millimetres, for one side (x > 0, the left); the right is its mirror image.

The origin lies midway between the femoral head centres. Sizes are those of ordinary adults: head 48 mm, hip centres
176 mm apart, neck-shaft angle 127 degrees, pelvis 280 mm wide.
"""

from __future__ import annotations

from functools import cache

from .relief import Relief, relief
from .solids import Ball, Blend, Capsule, Cut, Ellipsoid, HalfSpace, Solid, chain

HIP = (88.0, 0.0, 0.0)
SOCKET_MM = 27.0
HEAD_MM = 24.0
STEM_AXIS = ((131.0, 4.0, -40.0), (119.0, 6.0, -280.0))
"""Two points on the axis of the femoral shaft."""

_HIP_BONE = (
    (109, 21), (104, 33), (107, 45), (116, 62), (127, 80), (134, 98), (136, 113), (130, 129), (116, 142), (98, 149),
    (80, 147), (64, 138), (50, 124), (40, 108), (35, 94), (37, 78), (45, 64), (54, 56), (61, 44), (64, 32), (61, 22),
    (50, 12), (36, 3), (22, -4), (12, -5), (5, -9), (3, -20), (3, -36), (7, -46), (17, -56), (30, -69), (44, -81),
    (57, -87), (70, -82), (77, -68), (78, -54), (81, -40), (90, -29), (100, -14), (108, 2), (112, 14),
)  # fmt: skip
_FORAMEN = (
    (24, -18),
    (36, -11),
    (50, -8),
    (62, -16),
    (65, -30),
    (61, -46),
    (52, -58),
    (42, -58),
    (31, -46),
    (23, -32),
)
_HIP_BONE_DEPTHS = (
    (3, -20, -42, 8), (10, -8, -43, 8), (14, -40, -36, 7), (35, -3, -36, 7), (52, 5, -26, 9), (28, -60, -14, 5),
    (42, -72, 2, 8), (58, -76, 18, 13), (70, -60, 26, 15), (78, -44, 26, 13), (72, -20, 8, 20), (66, 0, 0, 21),
    (88, 0, 3, 24), (104, 12, 4, 17), (90, 25, 3, 22), (74, 22, 4, 21), (62, 40, 24, 12), (104, 38, -18, 12),
    (90, 55, 8, 9), (118, 66, -34, 6), (127, 82, -46, 7), (134, 110, -28, 7), (118, 138, 2, 6), (98, 147, 22, 6),
    (76, 144, 44, 7), (55, 126, 62, 9), (42, 105, 66, 13), (40, 82, 60, 15), (54, 66, 42, 13), (75, 80, 38, 6),
    (98, 90, 10, 3.5), (112, 105, -4, 3.5), (92, 120, 24, 3.5), (75, 112, 42, 5),
)  # fmt: skip
_SACRUM = (
    (0, 121), (22, 122), (40, 116), (50, 104), (47, 88), (38, 70), (30, 54), (20, 40), (11, 30), (9, 18), (6, 6), (0, 1),
)  # fmt: skip
_SACRUM_DEPTHS = (
    (0, 120, 42, 24), (0, 95, 62, 20), (0, 70, 76, 15), (0, 45, 82, 10), (0, 20, 74, 6), (0, 4, 62, 4), (42, 108, 58, 16),
    (40, 85, 66, 14), (28, 58, 76, 9),
)  # fmt: skip
_SACRAL_HOLES = ((17, 98, 4.2), (17, 79, 3.8), (15, 62, 3.2), (12, 48, 2.6))


@cache
def hip_bone() -> Relief:
    """Ilium, pubis and ischium with the obturator foramen, before the socket is hollowed."""
    return relief(_HIP_BONE, (_FORAMEN,), _HIP_BONE_DEPTHS, edge_mm=9.0)


def pelvis_side(socket_mm: float = SOCKET_MM) -> Solid:
    """One hip bone with its socket."""
    rim = Capsule((108.0, 4.0, 16.0), (104.0, 14.0, -6.0), 5.0, 5.0)
    return Cut(Blend((hip_bone(), rim), 6.0), (Ball(HIP, socket_mm), _socket_mouth()))


@cache
def sacrum() -> Relief:
    """Sacrum and coccyx."""
    outline = (*_SACRUM, *((-x, z) for x, z in reversed(_SACRUM[1:-1])))
    depths = (*_SACRUM_DEPTHS, *((-x, z, y, half) for x, z, y, half in _SACRUM_DEPTHS if x))
    return relief(outline, (), depths, edge_mm=9.0)


def sacral_foramina() -> tuple[Solid, ...]:
    """The gaps through which the sacral nerves leave: bone is missing there."""
    places = [(side * x, z, r) for x, z, r in _SACRAL_HOLES for side in (-1, 1)]
    return tuple(Ellipsoid((x, 62.0, z), (r * 1.35, 9.0, r), -x) for x, z, r in places)


def lumbar() -> tuple[Solid, ...]:
    """The last two vertebrae: bodies, transverse processes, spinous processes and pedicles."""
    parts: list[Solid] = []
    for z, y in ((140.0, 32.0), (176.0, 26.0)):
        body = Cut(
            Ellipsoid((0.0, y, z), (29.0, 20.0, 34.0)), (_slab(z + 14.0, 1), _slab(z - 14.0, -1))
        )
        wings = (
            chain(((s * 20, y + 22, z + 2), (s * 46, y + 26, z + 7)), (6.0, 4.0)) for s in (-1, 1)
        )
        spine = Capsule((0.0, y + 34, z - 4), (0.0, y + 58, z - 12), 4.5, 5.5)
        parts.append(Blend((body, *wings, spine), 5.0))
    return tuple(parts)


def femur() -> Blend:
    """A native proximal femur."""
    head = Ball(HIP, HEAD_MM)
    neck = Capsule((92.0, 0.0, -3.0), (126.0, 3.0, -31.0), 15.5, 16.5)
    return Blend((head, neck, *_trochanters()), 11.0)


def femoral_tube() -> Solid:
    """The thick cortex of the femoral shaft, which thins out towards the trochanters."""
    canal = chain(
        (
            (131.0, 4.0, -30.0),
            (129.5, 4.5, -58.0),
            (127.3, 5.0, -95.0),
            (125.2, 5.5, -140.0),
            STEM_AXIS[1],
        ),
        (22.5, 18.2, 12.2, 8.6, 7.4),
    )
    return Cut(_shaft(), (canal,))


def resected_femur() -> Solid:
    """A femur whose head and neck have been cut away for a stem."""
    neck = Capsule((104.0, 1.0, -13.0), (126.0, 3.0, -31.0), 16.0, 16.5)
    plane = HalfSpace((119.0, 0.0, -25.0), (-0.77, 0.30, 0.56))
    return Cut(Blend((neck, *_trochanters()), 11.0), (plane,))


def body() -> Solid:
    """The skin."""
    trunk = Ellipsoid((0.0, 5.0, 170.0), (168.0, 108.0, 230.0))
    hips = Ellipsoid((0.0, 12.0, -12.0), (183.0, 112.0, 120.0))
    thighs = (
        Capsule((s * 95.0, 8.0, -30.0), (s * 96.0, 10.0, -330.0), 88.0, 72.0) for s in (-1, 1)
    )
    return Blend((trunk, hips, *thighs), 40.0)


def muscles() -> tuple[Solid, ...]:
    """The larger muscles of one side, with fat left between them."""
    return (
        Ellipsoid((95.0, 66.0, 5.0), (62.0, 19.0, 92.0), -18.0),  # gluteus maximus
        Ellipsoid((140.0, 14.0, 62.0), (16.0, 40.0, 62.0), 12.0),  # gluteus medius
        Ellipsoid((124.0, 4.0, 52.0), (10.0, 30.0, 40.0), 16.0),  # gluteus minimus
        Ellipsoid((140.0, -46.0, 10.0), (13.0, 19.0, 75.0), -4.0),  # tensor fasciae latae
        Ellipsoid((78.0, -42.0, 14.0), (19.0, 17.0, 80.0), -12.0),  # iliopsoas
        Ellipsoid((112.0, -58.0, -30.0), (13.0, 14.0, 90.0), -6.0),  # rectus femoris
        Ellipsoid((98.0, -78.0, -20.0), (16.0, 8.0, 90.0), 16.0),  # sartorius
        Ellipsoid((58.0, -48.0, -46.0), (22.0, 13.0, 42.0), 24.0),  # pectineus and adductors
        Ellipsoid((60.0, -10.0, -110.0), (30.0, 30.0, 75.0), -8.0),  # adductor magnus
        Ellipsoid((60.0, -22.0, -28.0), (26.0, 9.0, 22.0), 10.0),  # obturator externus
        Ellipsoid((46.0, 14.0, 0.0), (9.0, 30.0, 40.0), 0.0),  # obturator internus
        Ellipsoid((112.0, 34.0, -14.0), (30.0, 8.0, 18.0), 0.0),  # quadratus femoris
        Ellipsoid((150.0, -18.0, -95.0), (17.0, 34.0, 85.0), 3.0),  # vastus lateralis
        Ellipsoid((112.0, -26.0, -130.0), (22.0, 20.0, 80.0), 3.0),  # vastus intermedius
        Ellipsoid((72.0, 52.0, -140.0), (26.0, 26.0, 70.0), 0.0),  # hamstrings
    )


def ridges() -> tuple[Solid, ...]:
    """Edges seen on end in a frontal view: pelvic brim, ilio-ischial line and teardrop."""
    brim = chain(
        ((56, 40, 54), (64, 22, 34), (63, 4, 22), (50, -22, 11), (36, -34, 2)),
        (1.6, 1.8, 1.8, 1.6, 1.2),
    )
    line = chain(((64, 20, 34), (62, 16, 4), (63, 20, -26), (66, 24, -50)), (1.2, 1.5, 1.5, 1.0))
    drop = chain(
        ((66, -4, -4), (64, -4, -16), (67, -4, -23), (71, -4, -17), (70, -4, -4)), (1.1,) * 5
    )
    return brim, line, drop


def _trochanters() -> tuple[Solid, ...]:
    greater = Blend(
        (
            Ellipsoid((137.0, 9.0, -18.0), (13.5, 18.0, 19.0), -24.0),
            Capsule((139.0, 10.0, -10.0), (141.5, 9.0, -38.0), 9.0, 14.5),
        ),
        6.0,
    )
    lesser = Capsule((121.0, 12.0, -62.0), (112.0, 20.0, -66.0), 10.0, 7.0)
    return greater, lesser, _shaft()


def _shaft() -> Blend:
    middle = (127.5, 5.0, -85.0), (125.0, 5.5, -140.0)
    return chain((STEM_AXIS[0], *middle, STEM_AXIS[1]), (20.0, 16.5, 15.0, 15.0))


def _socket_mouth() -> Solid:
    """The open side of the socket, facing out, down and a little forward."""
    return Capsule(HIP, (88.0 + 60.0, -26.0, -46.0), 25.0, 40.0)


def _slab(z: float, direction: int) -> Solid:
    return HalfSpace((0.0, 0.0, z), (0.0, 0.0, float(direction)))

"""The picture after every step of its preprocessing, as the network comes to see it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.data.preprocessing import CropBox, Preprocess
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

MOST_LINES = 6
LOWEST, LARGEST = 150, 224
"""Pixels of the whole, at least, and of the picture, at most."""

WIDE = 2.5
"""Deviations from the mean that are drawn as black or as full colour."""


class PreprocessingView(QWidget):
    """The view of a network's input beside the steps that lead to it; a chosen step shows the picture after it.

    Signals:
        step_chosen: number of the step, -1 for the input.
    """

    step_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image = QImage()
        self._original, self._crop, self._size = QImage(), None, (0, 0)
        self._normal: Preprocess | None = None
        self._steps: tuple[tuple[str, str], ...] = ()
        self._step = -1
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumHeight(28 + LARGEST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("What the network sees")
        self.setToolTip("Choose a step to see the picture after it")
        theme.changed.connect(self.update)

    _crop: CropBox | None

    # ---- what is shown

    def show_input(self, png: bytes) -> None:
        """Show the input before it is normalised; empty for none."""
        self._image = QImage.fromData(png) if png else QImage()
        self.update()

    def show_original(self, original: QImage, size: tuple[int, int], crop: CropBox | None) -> None:
        """Take the picture that it is cut from.

        Args:
            original: the picture, perhaps smaller than its file.
            size: width and height of the file's.
            crop: the part that the network sees, in the file's pixels; None while it is not known.
        """
        self._original, self._size, self._crop = original, size, crop
        self.update()

    def show_normal(self, how: Preprocess) -> None:
        """Take mean and deviation."""
        self._normal = how
        self.update()

    def image(self) -> QImage:
        """The input before it is normalised."""
        return self._image

    def show_steps(self, steps: tuple[tuple[str, str], ...]) -> None:
        """What happens to a picture: a word and the numbers of each step."""
        self._steps, self._step = steps, -1
        self.setAccessibleDescription("; ".join(f"{word}: {numbers}" for word, numbers in steps))
        self.updateGeometry()
        self.update()

    def choose(self, step: int) -> None:
        """Show the picture after a step; the same one again, or -1, shows the input."""
        self._step = -1 if step == self._step or not 0 <= step < len(self._steps) else step
        self.update()
        self.step_chosen.emit(self._step)

    def picture(self) -> QImage:
        """The picture after the chosen step; the input where none is chosen."""
        if self._image.isNull() or self._step < 0:
            return self._image
        word = self._steps[self._step][0]
        if word == "Normalise":
            return self._normalised()
        if self._step == 0 and not self._original.isNull() and self._crop is not None:
            return self._framed() if word == "Resize" else self._cut()
        return self._image

    def _scaled_crop(self) -> QRectF:
        """The crop in the pixels of the picture that is at hand."""
        crop, size = self._crop, self._size
        if crop is None or not size[0] or not size[1]:
            return QRectF(self._original.rect())
        x, y = self._original.width() / size[0], self._original.height() / size[1]
        return QRectF(crop.x * x, crop.y * y, crop.width * x, crop.height * y)

    def _cut(self) -> QImage:
        return self._original.copy(self._scaled_crop().toAlignedRect().intersected(self._original.rect()))

    def _framed(self) -> QImage:
        """The whole picture with the place where the input will be cut out."""
        made = self._original.convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(made)
        thick = max(1.0, max(made.width(), made.height()) / 120)
        for colour, width in ((QColor(0, 0, 0, 150), 2 * thick), (QColor("#FFFFFF"), thick)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(self._scaled_crop())
        painter.end()
        return made

    def _normalised(self) -> QImage:
        """(x − mean) / deviation with grey for zero."""
        how = self._normal
        source = self._image.convertToFormat(QImage.Format.Format_RGB888)
        if how is None or len(how.mean) not in {1, 3}:
            return source
        high, wide = source.height(), source.width()
        rows = np.frombuffer(source.constBits(), dtype=np.uint8).reshape(high, source.bytesPerLine())
        pixels = rows[:, : 3 * wide].reshape(high, wide, 3) / 255
        normal = (pixels - np.array(how.mean)) / np.array(how.std)
        made = np.clip(127.5 + normal * (127.5 / WIDE), 0, 255).astype(np.uint8)
        return QImage(made.tobytes(), wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()

    # ---- geometry

    def _side(self) -> int:
        return max(96, min(self._side_at(self.width()), self.height() - 28))

    @staticmethod
    def _side_at(wide: int) -> int:
        """Pixels of the picture, beside which the steps have room, at a width."""
        return max(96, min(LARGEST, wide - 16 - 16 - 16 - 124))

    def _room(self) -> int:
        """Pixels for the words of a step."""
        return self.width() - self._side() - 48 - 26

    def heightForWidth(self, wide: int) -> int:
        """As high as every line of the steps at a width; where there is more, the picture is larger."""
        return max(LOWEST, 14 + self._steps_high(wide - self._side_at(wide) - 48 - 26))

    def minimumSizeHint(self) -> QSize:
        """Every line of the steps at the present width."""
        return QSize(0, max(LOWEST, 14 + self._steps_high(self._room())))

    def _steps_high(self, room: int) -> int:
        """Pixels of the steps where their words have so much room."""
        return sum(24 + 15 * len(_wrapped(numbers, room)) for _, numbers in self._steps)

    def sizeHint(self) -> QSize:
        """As high as the picture and its margins."""
        return QSize(340, 252)

    def _tops(self) -> list[float]:
        """Where each step begins, and where the last ends."""
        tops, room = [14.0], self._room()
        for _, numbers in self._steps:
            tops.append(tops[-1] + 24 + 15 * len(_wrapped(numbers, room)))
        return tops

    # ---- the user

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the step under the mouse; the picture shows the input."""
        tops = self._tops()
        if event.position().x() < 16 + self._side():
            self.choose(-1)
            return
        for number in range(len(self._steps)):
            if tops[number] <= event.position().y() < tops[number + 1]:
                self.choose(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose a step."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self._steps:
            super().keyPressEvent(event)
            return
        wanted = min(len(self._steps) - 1, max(-1, self._step + step))
        if wanted != self._step:
            self.choose(wanted)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw picture and steps."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._side()
        self._draw_picture(painter, side)
        color, left, room = self._theme.color, 16 + side + 16, self._room()
        tops = self._tops()
        for number, (word, numbers) in enumerate(self._steps):
            y, chosen = tops[number], number == self._step
            painter.setPen(QPen(color("acc"), 1.5) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(color("accsoft" if chosen else "hover"))
            painter.drawEllipse(QRectF(left, y, 18, 18))
            painter.setPen(color("acc" if chosen else "t2"))
            ink(str(number + 1), 11, 600).draw_in(painter, QRectF(left, y, 18, 18), "centre")
            painter.setPen(color("t1"))
            ink(elided(word, room, 12, 500), 12, 500).draw(painter, left + 26, y + 1)
            painter.setPen(color("t2"))
            for line in _wrapped(numbers, room):
                y += 15
                ink(line, 11).draw(painter, left + 26, y + 2)
        if self.hasFocus():
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 4, 4)

    def _draw_picture(self, painter: QPainter, side: int) -> None:
        frame, shown = QRectF(16, 14, side, side), self.picture()
        if shown.isNull():
            painter.setPen(QPen(self._theme.color("ctl"), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(frame, 4, 4)
            sign = self._theme.pixmap("image", "t3", 20)
            painter.drawPixmap(int(frame.center().x()) - 10, int(frame.center().y()) - 10, sign)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shown.width() * 2 > side)
        scale = min(side / shown.width(), side / shown.height())
        wide, high = shown.width() * scale, shown.height() * scale
        painter.drawImage(QRectF(16 + (side - wide) / 2, 14, wide, high), shown)


def _wrapped(text: str, room: int) -> list[str]:
    """A text in lines, of which there are at most ``MOST_LINES``."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and ink(joined, 11).width <= room:
            lines[-1] = joined
        elif len(lines) < MOST_LINES:
            lines.append(word)
        else:
            lines[-1] = joined
    return [elided(line, room, 11) for line in lines]

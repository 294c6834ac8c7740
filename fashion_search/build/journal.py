"""An append-only file of what a build has made so far, so that a build that was stopped can go on."""

import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

_HEADER = struct.Struct("<64sII")  # key such as a SHA-256, length of the payload, CRC-32 of both


class Journal:
    """Keyed payloads on disk. A torn last record, the mark of a crash, is dropped on opening.

    One writer at a time: the build's lock sees to that.
    """

    def __init__(self, path: Path):
        self.path = path
        self.entries: dict[str, bytes] = {}
        if path.is_file():
            self._read()

    def _read(self) -> None:
        data = self.path.read_bytes()
        place = 0
        while place + _HEADER.size <= len(data):
            key, length, checksum = _HEADER.unpack_from(data, place)
            payload = data[place + _HEADER.size : place + _HEADER.size + length]
            if len(payload) != length or zlib.crc32(payload, zlib.crc32(key)) != checksum:
                break
            self.entries[key.rstrip(b"\0").decode()] = payload
            place += _HEADER.size + length
        if place < len(data):
            os.truncate(self.path, place)

    def add(self, payloads: Mapping[str, bytes]) -> None:
        """Append a batch and wait until the disk has it.

        Raises:
            OSError: the disk is full or the file cannot be written; earlier batches stay.
        """
        data = bytearray()
        for key, payload in payloads.items():
            padded = key.encode().ljust(64, b"\0")
            data += _HEADER.pack(padded, len(payload), zlib.crc32(payload, zlib.crc32(padded))) + payload
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.entries.update(payloads)

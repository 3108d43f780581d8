"""Reads TensorBoard event files as another program would: read_events.py FOLDER.

Prints {"RUN": {"TAG": [[step, value, wall time], ...]}} for every folder in FOLDER, as JSON. Checks both checksums of
every record with its own CRC-32C and decodes the messages with Google's protobuf, from a description made here.
Exit code 77: protobuf is not installed."""
import json
import pathlib
import struct
import sys

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
except ImportError as missing:
    print(missing)
    sys.exit(77)


def event_class():
    """tensorflow.Event, as far as it is used."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="t", syntax="proto3")

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for number, key, kind, of in fields:
            made.field.add(name=key, number=number, type=kind, type_name=of,
                           label=field.LABEL_REPEATED if key == "value" else field.LABEL_OPTIONAL)

    message("Value", (1, "tag", field.TYPE_STRING, None), (2, "simple_value", field.TYPE_FLOAT, None))
    message("Summary", (1, "value", field.TYPE_MESSAGE, ".t.Value"))
    message("Event", (1, "wall_time", field.TYPE_DOUBLE, None), (2, "step", field.TYPE_INT64, None),
            (3, "file_version", field.TYPE_STRING, None), (5, "summary", field.TYPE_MESSAGE, ".t.Summary"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("t.Event")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(found)
    return message_factory.MessageFactory(pool).GetPrototype(found)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        length, check = struct.unpack_from("<QI", data, at)
        assert check == masked_crc(data[at:at + 8]), f"checksum of the length at {at}"
        payload = data[at + 12:at + 12 + length]
        assert len(payload) == length, f"record at {at} is cut off"
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked_crc(payload), f"checksum of the data at {at}"
        yield payload
        at += 16 + length


def curves(path, event):
    found = {}
    for i, payload in enumerate(records(path.read_bytes())):
        one = event.FromString(payload)
        assert (one.file_version == "brain.Event:2") == (i == 0), f"file_version of record {i}"
        for value in one.summary.value:
            found.setdefault(value.tag, []).append([one.step, value.simple_value, one.wall_time])
    return found


assert masked_crc(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF
Event = event_class()
runs = {}
for run in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    files = list(run.iterdir())
    assert len(files) == 1 and "tfevents" in files[0].name, f"{run}: {files}"
    runs[run.name] = curves(files[0], Event)
print(json.dumps(runs))

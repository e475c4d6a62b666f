"""Writes tensorboard.json: records of event files as TensorFlow writes them, for tests/torch_style/tensorboard_test.ts.

    python tests/golden/tensorboard_golden.py        # needs: pip install tensorflow
"""
import json
import pathlib
import tempfile

import tensorflow as tf

HISTOGRAM = {"min": -1.0, "max": 2.5, "num": 3.0, "sum": 2.0, "sum_squares": 7.5, "bucket_limit": [-0.5, 0.0, 3.0], "bucket": [1.0, 0.0, 2.0]}
Summary, Event = tf.compat.v1.Summary, tf.compat.v1.Event


def text():
    tensor = tf.make_tensor_proto(["**bold**"], dtype=tf.string)
    metadata = tf.compat.v1.SummaryMetadata(plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="text"))
    return Summary.Value(tag="note/text_summary", tensor=tensor, metadata=metadata)


events = {
    "version": Event(wall_time=1.5e9, file_version="brain.Event:2"),
    "scalar": Event(wall_time=1.5e9, step=7, summary=Summary(value=[Summary.Value(tag="loss", simple_value=0.25)])),
    "large step": Event(wall_time=1.5e9, step=5_000_000_000, summary=Summary(value=[Summary.Value(tag="a/b", simple_value=-3.0)])),
    "histogram": Event(wall_time=1.5e9, step=1, summary=Summary(value=[Summary.Value(tag="w", histo=tf.compat.v1.HistogramProto(**HISTOGRAM))])),
    "image": Event(wall_time=1.5e9, step=1, summary=Summary(value=[Summary.Value(
        tag="i", image=Summary.Image(height=2, width=3, colorspace=1, encoded_image_string=bytes([1, 2, 3])))])),
    "text": Event(wall_time=1.5e9, step=2, summary=Summary(value=[text()])),
}
records = {}
for name, event in events.items():
    path = tempfile.mktemp()
    with tf.io.TFRecordWriter(path) as writer:
        writer.write(event.SerializeToString(deterministic=True))
    records[name] = pathlib.Path(path).read_bytes().hex()
target = pathlib.Path(__file__).with_name("tensorboard.json")
target.write_text(json.dumps(records, indent=1) + "\n")
print(target, target.stat().st_size, "bytes")

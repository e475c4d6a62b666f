"""Writes what a Keras or PyTorch model computes on one batch to a file that `deno task bench parity` compares.

    from tandem_dump import dump_keras, dump_torch
    dump_keras(model, x, y, "keras.safetensors")            # in the Python with Keras
    dump_torch(model, x, y, "torch.safetensors")            # in the Python with PyTorch
    deno task bench parity --keras-dump keras.safetensors --torch-dump torch.safetensors
    deno task bench parity --keras-dump keras.safetensors --model my_model.ts   # a port to Tandem

Both models need the same weights (a port that was given the other's), and the same batch in each one's layout: images
channels last for Keras, channels first for PyTorch. `y` are class indices, unless a loss is given. Activations, loss and
gradients are those of evaluation mode: no dropout, running statistics as they are. `x` is a list where a model has several
inputs; the batch is written too. `optimizer` (of Keras; for PyTorch a
function of the parameters) makes three steps on these gradients. Needs numpy only beside the framework.
"""

import json
import re
import struct

import numpy

STEPS = 3
# Layers whose activation function is a step of its own in the file.
SPLITTABLE = re.compile(r"(Dense|(Separable|Depthwise)?Conv[123]D(Transpose)?)$")


def batch_of(x, y):
    """The batch as it is written: inputs/0, ..., labels."""
    inputs = x if isinstance(x, (list, tuple)) else [x]
    arrays = {f"inputs/{i}": numpy.asarray(values) for i, values in enumerate(inputs)}
    return {**arrays, "labels": numpy.asarray(y)}


def write(path, arrays, description):
    """A safetensors file: length, JSON header, values. https://github.com/huggingface/safetensors#format"""
    header, at, parts = {"__metadata__": {"tandem": json.dumps(description)}}, 0, []
    for name, values in arrays.items():
        data = numpy.ascontiguousarray(values, dtype=numpy.float32)
        header[name] = {"dtype": "F32", "shape": list(data.shape), "data_offsets": [at, at + data.nbytes]}
        at += data.nbytes
        parts.append(data.tobytes())
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "xb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def dump_keras(model, x, y, path, loss=None, optimizer=None):
    """Of a built keras.Model of Keras 3 on TensorFlow."""
    import keras
    import tensorflow as tf

    calls, arrays = [], {}
    tensors = {}

    def leaves(layers):
        for layer in layers:
            inner = getattr(layer, "layers", None)
            yield from leaves(inner) if inner else [layer]

    def watched(layer, call):
        def wrapper(*args, **kwargs):
            result = call(*args, **kwargs)
            first = result[0] if isinstance(result, (list, tuple)) else result
            tensors[len(calls)] = first
            calls.append({"name": layer.name, "kind": kind_of(layer)})
            return result

        return wrapper

    def activated(layer, activation):
        # What the layer computes before it, and then the activation as a step of its own.
        def wrapper(x):
            tensors[len(calls)] = x
            calls.append({"name": layer.name, "kind": type(layer).__name__})
            return activation(x)

        return wrapper

    def split(layer, call):
        activation = layer.activation
        name = getattr(activation, "__name__", "linear")

        def wrapper(*args, **kwargs):
            layer.activation = activated(layer, activation)
            try:
                result = call(*args, **kwargs)
            finally:
                layer.activation = activation
            tensors[len(calls)] = result
            calls.append({"name": f"{layer.name}/{name}", "kind": name})
            return result

        return wrapper if name != "linear" else watched(layer, call)

    layers = [layer for layer in leaves(model.layers) if type(layer).__name__ != "InputLayer"]
    originals = [(layer, layer.call) for layer in layers]
    for layer, call in originals:
        layer.call = (split if SPLITTABLE.match(type(layer).__name__) else watched)(layer, call)
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=not ends_in_softmax(layers[-1]))
    try:
        with tf.GradientTape() as tape:
            output = model(x, training=False)
            value = loss(y, output)
    finally:
        for layer, call in originals:
            layer.call = call
    variables = [variable for variable in model.trainable_variables]
    gradients = tape.gradient(value, [variable.value for variable in variables])
    for i, tensor in tensors.items():
        arrays[f"activations/{i}"] = numpy.asarray(tensor)
    owners = {id(w): layer.name for layer in layers for w in layer.weights}
    for variable in model.weights:
        arrays[f"weights/{name_of(variable, owners)}"] = numpy.asarray(variable)
    for variable, gradient in zip(variables, gradients):
        if gradient is not None:
            arrays[f"gradients/{name_of(variable, owners)}"] = numpy.asarray(gradient)
    arrays["output"], arrays["loss"] = numpy.asarray(output), numpy.asarray(value)
    if optimizer is not None:
        before = {id(v): numpy.asarray(v) for v in model.weights}
        found = [(g, v) for g, v in zip(gradients, variables) if g is not None]
        for _ in range(STEPS):
            optimizer.apply_gradients(found)
        for _, variable in found:
            arrays[f"updates/{name_of(variable, owners)}"] = numpy.asarray(variable) - before[id(variable)]
        for variable in model.weights:
            variable.assign(before[id(variable)])
    arrays.update(batch_of(x, y))
    integers = numpy.asarray(y).dtype.kind in "iu"
    write(path, arrays, {"version": 2, "framework": "keras", "calls": calls, "integerLabels": integers})


def name_of(variable, owners):
    return f"{owners.get(id(variable), '?')}/{variable.path.replace('/', '.')}"


def ends_in_softmax(last):
    activation = getattr(last, "activation", None)
    return type(last).__name__ == "Softmax" or getattr(activation, "__name__", "") == "softmax"


def kind_of(layer):
    # An Activation layer is what it applies.
    is_activation = type(layer).__name__ == "Activation"
    return getattr(layer.activation, "__name__", "Activation") if is_activation else type(layer).__name__


def dump_torch(model, x, y, path, loss=None, optimizer=None):
    """Of a torch.nn.Module; `y` and the loss as PyTorch takes them."""
    import torch

    calls, arrays, handles = [], {}, []

    def hook(name):
        def after(module, _, output):
            first = output[0] if isinstance(output, (list, tuple)) else output
            arrays[f"activations/{len(calls)}"] = first.detach().numpy().copy()
            calls.append({"name": name, "kind": type(module).__name__})

        return after

    for name, module in model.named_modules():
        if name:
            handles.append(module.register_forward_hook(hook(name)))
    training = model.training
    model.eval()
    model.zero_grad()
    try:
        output = model(*x) if isinstance(x, (list, tuple)) else model(x)
    finally:
        for handle in handles:
            handle.remove()
    value = (loss or torch.nn.CrossEntropyLoss())(output, y)
    value.backward()
    arrays["output"], arrays["loss"] = output.detach().numpy(), value.detach().numpy()
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if tensor.is_floating_point():
            arrays[f"weights/{name}"] = tensor.detach().numpy().copy()
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            arrays[f"gradients/{name}"] = parameter.grad.numpy().copy()
    if optimizer is not None:
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        steps = optimizer(model.parameters())
        for _ in range(STEPS):
            steps.step()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if parameter.grad is not None:
                    arrays[f"updates/{name}"] = (parameter - before[name]).numpy()
                parameter.copy_(before[name])
    model.train(training)
    arrays.update(batch_of(x, y))
    integers = not y.is_floating_point()
    write(path, arrays, {"version": 2, "framework": "torch", "calls": calls, "integerLabels": integers})

"""Writes torch_names.json: PyTorch's public names for dense tensors, which tests/torch_style/coverage_test.ts looks for in ours.

    python tests/golden/torch_names.py        # needs: pip install torch==2.15.0

What is left out, and why, stands in the file beside the names.
"""
import inspect
import json
import pathlib
import re
import types

import torch
import torch.nn as nn
import torch.nn.functional as F

EXCLUDED = {
    "sparse tensors": {
        r"(is_)?sparse.*", r"to_(sparse.*|dense|padded_tensor)", r"(is_)?coalesced?", r"c?(col|row)_indices(_copy)?", r"(crow|ccol)_indices(_copy)?",
        r"indices(_copy)?", r"values(_copy)?", "dense_dim", "resize_as_sparse_", "smm", "sspaddmm", "saddmm", "dsmm", "hsmm", "hspmm", "spmm", "is_sparse_csr",
        "SparseAdam", "is_nested",
    },
    "quantized tensors": {
        r"(.*_)?q(uantize|uantized|scheme|_).*", "dequantize", "int_repr", r"fake_quantize.*", r"fused_moving.*", r"fbgemm.*", "empty_quantized", "choose_qparams_optimized",
        r"scaled_(addmm|mm|grouped_mm)_?", "grouped_mm",
    },
    "distributed training and memory shared between processes": {
        "SyncBatchNorm", "DataParallel", "is_distributed", r"(is_)?shared?(_memory_)?", "prepare_multiprocessing_environment",
    },
    "devices and backends of other makers": {
        "cuda", "ipu", "xpu", "mtia", r"is_(cuda|ipu|xpu|mtia|xla|mps|maia|meta|mkldnn|vulkan|cpu|pinned|vulkan_available)", "pin_memory", "record_stream", "to_mkldnn", "get_device.*",
        r"(cudnn|miopen|mkldnn)_.*", r"(get|set|is|clear)_autocast.*", r"autocast_(in|de)crement_nesting", r"is_autocast.*", r"profiler_.*", "compiled_with_cxx11_abi",
        r"get_default_device", r"set_default_device", "conv_tbc", r"batch_norm_(backward|elemt|gather|stats|update).*", r"native_.*",
    },
    "complex numbers only": {
        "cdouble", "cfloat", "chalf", "complex", "polar", r"conj(_physical)?_?", "imag", "real", "is_conj", "is_neg", r"resolve_(conj|neg)", r"view_as_(real|complex)(_copy)?", "stft", "istft",
        "isreal",
    },
    "deprecated, or raising an error in PyTorch 2.15": {
        "eig", "lstsq", "solve", "symeig", "matrix_rank", "reinforce", "volatile", "Container", "NLLLoss2d", "CrossMapLRN2d", r"upsample(_bilinear|_nearest)?", "chain_matmul",
        "norm_except_dim", "frobenius_norm", "nuclear_norm", "range", "set_default_tensor_type", "triangular_solve", "lu", "storage_type", "lobpcg",
        "to_dlpack", "row_stack",
    },
    "storage and strides: memory is dense and row by row here": {
        r"as_strided.*", r"(untyped_)?storage(_offset)?", "set_", "is_set_to", r"(const_)?data_ptr", "dim_order", r"(new_)?empty_(strided|permuted)", "layout", "stride", "module_load",
        r"(?!index).*_copy", r"unsafe_.*", "resize", "resize_as", "slice_inverse", "is_storage",
    },
    "Python's own, the compiler's and internal names": {
        r"has_torch_function.*", "handle_torch_function", "assert_int_or_pair", "boolean_dispatch", "as_subclass", "Optional", r"sym_.*", "cond", "compile", "while_loop", "vmap", "fork", "wait",
        r"import_ir_module.*", r"parse_.*", "unify_type_list", "merge_type_from_type_comment", "classproperty", "init_num_threads", "numpy", "from_numpy", "from_dlpack", "from_file",
        "frombuffer", "asarray", "map_", "map2_", "apply_", "hash_tensor", "typename", "thread_safe_generator", "get_file_path", r".*_deterministic_.*", r"are_deterministic.*", r"(is|set)_anomaly.*", r".*warn_always.*",
        r"(get|set)_num_(interop_)?threads", r"set_flush_denormal", r"(get|set)_float32_matmul_precision", "set_printoptions", "LinearCrossEntropyOptions", "swap_in_optimizer_params_and_state",
        "can_cast", "grad_dtype", "segment_reduce", "constant_pad_nd", "convolution", "embedding_renorm_", "affine_grid_generator", r"grid_sampler.*", "binomial", "name", "names",
        r"(gru|lstm|rnn_tanh|rnn_relu)(_cell)?", "rsub", "get_default_dtype", "set_default_dtype", "UninitializedBuffer", "UninitializedParameter", "is_inference",
        "multi_head_attention_forward", "cudnn_is_acceptable",
    },
    "the module's own, under torch.nn.functional and counted there": {
        r"adaptive_(avg|max)_pool1d", r"avg_pool1d", r"max_pool[123]d(_with_indices)?", r"conv(_transpose)?[123]d", r"(alpha_|feature_alpha_|feature_)?dropout_?", r"batch_norm|instance_norm|layer_norm|group_norm|rms_norm",
        "bilinear", r".*_loss", "binary_cross_entropy_with_logits", r"celu_?|selu_?|rrelu_?|threshold_?|prelu|hardshrink", "channel_shuffle", "cosine_similarity", r"embedding(_bag)?", "pdist", "pairwise_distance",
        r"pixel_(un)?shuffle", "kl_div",
    },
}
ONLY_IN_TORCH = {"the module's own, under torch.nn.functional and counted there"}


def reason(name, where):
    for why, patterns in EXCLUDED.items():
        if why in ONLY_IN_TORCH and where != "torch":
            continue
        if any(re.fullmatch(pattern, name) for pattern in patterns):
            return why
    return None


def public(namespace, keep):
    return sorted(name for name in dir(namespace) if not name.startswith("_") and keep(getattr(namespace, name, None)))


def is_function(value):
    return callable(value) and not inspect.isclass(value)


def own_class(package):
    return lambda value: inspect.isclass(value) and value.__module__.startswith(package)


found = {
    "nn": public(nn, own_class("torch.nn")),
    "functional": public(F, is_function),
    "optim": public(torch.optim, own_class("torch.optim")),
    "lrScheduler": public(torch.optim.lr_scheduler, own_class("torch.optim.lr_scheduler")),
    "Tensor": public(torch.Tensor, lambda value: not isinstance(value, types.ModuleType)),
    "torch": public(torch, is_function),
}
names, left_out = {}, {}
for where, all_names in found.items():
    names[where] = [name for name in all_names if reason(name, where) is None]
    for name in all_names:
        if why := reason(name, where):
            left_out.setdefault(why, {}).setdefault(where, []).append(name)
target = pathlib.Path(__file__).with_name("torch_names.json")
lines = lambda groups: ",\n".join(f'{json.dumps(key)}:{json.dumps(value, separators=(",", ":"))}' for key, value in groups.items())
target.write_text(f'{{"torch":"{torch.__version__}",\n"names":{{\n{lines(names)}\n}},\n"leftOut":{{\n{lines(left_out)}\n}}}}\n')
print(target, {where: len(some) for where, some in names.items()}, target.stat().st_size, "bytes")

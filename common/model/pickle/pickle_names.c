/* pickle_names.c - the names a CellTypist model, and an scVI model, may hold.
 *
 * An allow-list, not a deny-list: the pickles of scikit-learn 0.22 to 1.9, numpy 1 and 2, pandas 1
 * to 3 and scipy need these and nothing else. A name on the list is still only a name: nothing is
 * looked up or run.
 */
#include "base/util.h"

#include "model/pickle/pickle_private.h"

struct allowed {
	const char *module;
	const char *const *names; /* NULL-terminated */
};

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

#define NUMPY_MULTIARRAY NAMES("_reconstruct", "scalar")
#define BUILTINS                                                                                \
	NAMES("object", "bytes", "bytearray", "str", "unicode", "int", "long", "float", "bool", \
	      "list", "tuple", "dict", "set", "frozenset", "complex", "slice")
#define LOGISTIC NAMES("LogisticRegression", "LogisticRegressionCV")
#define SGD_LOSSES                                                                     \
	NAMES("Log", "Hinge", "SquaredHinge", "ModifiedHuber", "SquaredLoss", "Huber", \
	      "EpsilonInsensitive", "SquaredEpsilonInsensitive")

static const struct allowed list[] = {
	{"numpy", NAMES("ndarray", "dtype", "matrix", "float64", "float32", "int64", "int32",
			"bool_", "str_", "bytes_", "uint32", "uint64")},
	{"numpy.core.multiarray", NUMPY_MULTIARRAY},
	{"numpy._core.multiarray", NUMPY_MULTIARRAY},
	{"numpy.core.numeric", NAMES("_frombuffer")},
	{"numpy._core.numeric", NAMES("_frombuffer")},
	{"numpy.random._pickle",
	 NAMES("__randomstate_ctor", "__bit_generator_ctor", "__generator_ctor")},
	{"numpy.random._mt19937", NAMES("MT19937")},
	{"numpy.random._pcg64", NAMES("PCG64")},
	{"numpy.random.mtrand", NAMES("RandomState")},
	{"sklearn.linear_model._logistic", LOGISTIC},
	{"sklearn.linear_model.logistic", LOGISTIC},
	{"sklearn.linear_model._stochastic_gradient", NAMES("SGDClassifier")},
	{"sklearn.linear_model.stochastic_gradient", NAMES("SGDClassifier")},
	{"sklearn.linear_model._sgd_fast", SGD_LOSSES},
	{"sklearn.linear_model.sgd_fast", SGD_LOSSES},
	{"sklearn._loss._loss",
	 NAMES("CyHalfBinomialLoss", "CyHalfMultinomialLoss", "CyHalfSquaredError", "CyHuberLoss",
	       "CyExponentialLoss", "__pyx_unpickle_CyHalfBinomialLoss")},
	{"sklearn._loss.loss", NAMES("HalfBinomialLoss", "HalfMultinomialLoss")},
	{"sklearn._loss.link", NAMES("LogitLink", "HalfLogitLink", "MultinomialLogit", "Interval")},
	{"sklearn.preprocessing._data", NAMES("StandardScaler")},
	{"sklearn.preprocessing.data", NAMES("StandardScaler")},
	{"celltypist.models", NAMES("Model")},
	{"builtins", BUILTINS},
	{"__builtin__", BUILTINS},
	{"copyreg", NAMES("_reconstructor", "__newobj__")},
	{"copy_reg", NAMES("_reconstructor", "__newobj__")},
	{"_codecs", NAMES("encode")},
	{"scipy.sparse._csr", NAMES("csr_matrix", "csr_array")},
	{"scipy.sparse._csc", NAMES("csc_matrix", "csc_array")},
	{"scipy.sparse._arrays", NAMES("csr_array", "csc_array")},
	{"scipy.sparse.csr", NAMES("csr_matrix")},
	{"scipy.sparse.csc", NAMES("csc_matrix")},
	{"pandas", NAMES("Series", "Index", "RangeIndex", "CategoricalIndex", "Categorical",
			 "CategoricalDtype", "StringDtype", "NA")},
	{"pandas.arrays", NAMES("StringArray", "ArrowStringArray")},
	{"pandas._libs.arrays", NAMES("__pyx_unpickle_NDArrayBacked")},
	{"pandas._libs.missing", NAMES("NA")},
	{"pandas._libs.tslibs.nattype", NAMES("_nat_unpickle", "__nat_unpickle")},
	{"pandas._libs.tslibs.timestamps", NAMES("_unpickle_timestamp")},
	{"pandas.core.arrays.categorical", NAMES("Categorical")},
	{"pandas.core.arrays.string_", NAMES("StringArray", "StringDtype")},
	{"pandas.core.arrays.string_arrow", NAMES("ArrowStringArray")},
	{"pandas.core.dtypes.dtypes", NAMES("CategoricalDtype")},
	{"pandas.core.indexes.base", NAMES("_new_Index", "Index")},
	{"pandas.core.indexes.category", NAMES("CategoricalIndex")},
	{"pandas.core.indexes.numeric", NAMES("Int64Index")},
	{"pandas.core.indexes.range", NAMES("RangeIndex")},
	{"pandas.core.internals.managers", NAMES("SingleBlockManager")},
	{"pandas.core.series", NAMES("Series")},
	{"pyarrow.lib", NAMES("_restore_array", "type_for_alias", "py_buffer")},
	{"collections", NAMES("OrderedDict", "defaultdict", "Counter")},
	{"datetime", NAMES("datetime", "date", "timezone", "timedelta")},
	{"pathlib", NAMES("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")},
};

/* What scvi-tools 0.8 to 1.5 needs: tensors, their registry, and training's history in pandas. */
static const struct allowed torch_list[] = {
	{"torch._utils", NAMES("_rebuild_tensor_v2", "_rebuild_parameter")},
	{"torch",
	 NAMES("FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage",
	       "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage")},
	{"collections", NAMES("OrderedDict", "defaultdict")},
	{"builtins", BUILTINS},
	{"__builtin__", BUILTINS},
	{"numpy", NAMES("ndarray", "dtype")},
	{"numpy.core.multiarray", NUMPY_MULTIARRAY},
	{"numpy._core.multiarray", NUMPY_MULTIARRAY},
	{"_codecs", NAMES("encode")},
	{"pandas.core.frame", NAMES("DataFrame")},
	{"pandas.core.series", NAMES("Series")},
	{"pandas.core.internals.managers", NAMES("BlockManager", "SingleBlockManager")},
	{"pandas._libs.internals", NAMES("_unpickle_block")},
	{"pandas.core.indexes.base", NAMES("_new_Index", "Index")},
	{"pandas.core.indexes.numeric", NAMES("Int64Index", "Float64Index")},
	{"pandas.core.indexes.range", NAMES("RangeIndex")},
};

static bool on_list(const struct allowed *names, size_t n, const char *module, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(names[i].module, module))
			continue;
		for (const char *const *at = names[i].names; *at; at++) {
			if (str_eq(*at, name))
				return true;
		}
	}
	return false;
}

bool pickle_name_allowed(const char *module, const char *name, bool torch)
{
	return torch ? on_list(torch_list, ARRAY_LEN(torch_list), module, name)
		     : on_list(list, ARRAY_LEN(list), module, name);
}

/* pickle_sparse.c - scipy's compressed matrices as plain numbers; see pickle.h. */
#include "base/util.h"

#include "model/pickle/pickle.h"

#define MAX_NUMBERS ((double)(1 << 28)) /* dense: 2 GB, a hundred times a large model */

struct sparse {
	double *data, *at, *start; /* values; their places along the minor axis; where rows start */
	size_t n_stored, n_at, n_start;
	size_t n_major, n_minor;
	bool by_row;
};

static bool is_sparse(const struct pickle_value *v, const char *format)
{
	const char *name = v && v->kind == PICKLE_OBJECT ? v->object.name->text.s : "";

	return str_starts(name, "scipy.sparse.") && strstr(name, format);
}

bool pickle_is_sparse(const struct pickle_value *v)
{
	return is_sparse(v, ".csr_") || is_sparse(v, ".csc_");
}

static int get_shape(const struct pickle_value *v, const char *what, const size_t most[2],
		     size_t shape[2], struct err *err)
{
	const struct pickle_value *tuple = pickle_get(v, "_shape");

	if (!tuple || tuple->kind != PICKLE_TUPLE || tuple->list.n != 2)
		return err_set(err, "%s: a sparse matrix without a shape", what);
	for (size_t i = 0; i < 2; i++) {
		double extent;

		if (!pickle_number(tuple->list.items[i], &extent) || extent < 0 ||
		    extent > (double)most[i])
			return err_set(err, "%s: a sparse matrix of more than %zu x %zu numbers",
				       what, most[0], most[1]);
		shape[i] = (size_t)extent;
	}
	if ((double)shape[0] * (double)shape[1] > MAX_NUMBERS)
		return err_set(err, "%s: a sparse matrix of %zu x %zu numbers: not a model", what,
			       shape[0], shape[1]);
	return 0;
}

static int get_array(const struct pickle_value *v, const char *name, double **values, size_t *n,
		     struct err *err)
{
	size_t shape[2];

	if (pickle_numbers(pickle_get(v, name), name, values, shape, err))
		return -1;
	*n = shape[0];
	return shape[1] == 1 ? 0 : err_set(err, "%s has %zu columns", name, shape[1]);
}

/* Stored twice is added up, as scipy does. */
static int spread(const struct sparse *s, const char *what, double *values, struct err *err)
{
	if (s->n_start != s->n_major + 1 || s->n_at < s->n_stored || s->start[0] != 0)
		return err_set(err, "%s: a sparse matrix that does not fit its shape", what);
	for (size_t major = 0; major < s->n_major; major++) {
		double end = s->start[major + 1];

		if (!(end >= s->start[major] && end <= (double)s->n_stored))
			return err_set(err, "%s: a sparse matrix that does not fit its shape",
				       what);
		for (size_t k = (size_t)s->start[major]; k < (size_t)end; k++) {
			if (!(s->at[k] >= 0 && s->at[k] < (double)s->n_minor))
				return err_set(err, "%s: a sparse matrix points outside of itself",
					       what);
			size_t minor = (size_t)s->at[k];
			size_t to =
				s->by_row ? major * s->n_minor + minor : minor * s->n_major + major;
			values[to] += s->data[k];
		}
	}
	return 0;
}

int pickle_sparse(const struct pickle_value *v, const char *what, const size_t most[2],
		  double **values, size_t shape[2], struct err *err)
{
	struct sparse s = {.by_row = is_sparse(v, ".csr_")};
	int ret = -1;

	*values = NULL;
	if (get_shape(v, what, most, shape, err))
		return -1;
	s.n_major = shape[!s.by_row];
	s.n_minor = shape[s.by_row];
	if (get_array(v, "data", &s.data, &s.n_stored, err) ||
	    get_array(v, "indices", &s.at, &s.n_at, err) ||
	    get_array(v, "indptr", &s.start, &s.n_start, err))
		goto release_arrays;
	MEM_ZERO(*values, mem_product(shape[0], shape[1]));
	ret = spread(&s, what, *values, err);
	if (ret) {
		free(*values);
		*values = NULL;
	}
release_arrays:
	free(s.data);
	free(s.at);
	free(s.start);
	return ret;
}

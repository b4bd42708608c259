/* rds_matrix.c - see rds_matrix.h. */
#include "base/util.h"

#include <math.h>

#include "import/rds/rds_matrix.h"
#include "import/rds/wire.h"

enum { UNNAMED_MOST = 1 << 22 };

enum layout { BY_CELL, BY_GENE, TRIPLETS, DENSE };

static const struct matrix_kind {
	const char *class;
	enum layout layout;
	bool ones;
} kinds[] = {
	{"dgCMatrix", BY_CELL, false},  {"lgCMatrix", BY_CELL, true},
	{"ngCMatrix", BY_CELL, true},   {"dgRMatrix", BY_GENE, false},
	{"lgRMatrix", BY_GENE, true},   {"ngRMatrix", BY_GENE, true},
	{"dgTMatrix", TRIPLETS, false}, {"lgTMatrix", TRIPLETS, true},
	{"ngTMatrix", TRIPLETS, true},  {"dgeMatrix", DENSE, false},
	{"lgeMatrix", DENSE, true},
};

static const struct matrix_kind *kind_of(const char *class)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_eq(class, kinds[i].class))
			return &kinds[i];
	return NULL;
}

static bool is_base_matrix(const struct rds *file, const struct rds_value *v)
{
	uint64_t dim[2];
	return v &&
	       (v->type == RDS_LOGICAL || v->type == RDS_INTEGER || v->type == RDS_REAL ||
		v->type == RDS_FLOAT) &&
	       rds_dim(file, v, dim);
}

bool rds_is_matrix(const struct rds *file, const struct rds_value *v)
{
	const char *class = rds_class(file, v);
	return is_base_matrix(file, v) || (rds_is(v, RDS_S4) && str_ends(class, "Matrix"));
}

/* Packages whose matrices only say where the values are or how to compute them. */
static bool is_elsewhere(const struct rds *file, const struct rds_value *v)
{
	static const char *const packages[] = {"BPCells", "HDF5Array", "DelayedArray",
					       "DelayedMatrixStats", "TileDBArray"};
	const struct rds_value *class = rds_attribute(file, v, "class");
	const char *package = rds_text(file, rds_attribute(file, class, "package"), 0);
	for (size_t i = 0; package && i < ARRAY_LEN(packages); i++)
		if (str_eq(package, packages[i]))
			return true;
	return strstr(rds_class(file, v), "Delayed") || strstr(rds_class(file, v), "HDF5");
}

static int no_such_kind(const struct rds *file, const struct rds_value *v, struct err *err)
{
	const char *class = rds_class(file, v);
	if (is_elsewhere(file, v))
		return err_set(err,
			       "a %s keeps its values in another file or computes them (in R: turn "
			       "it into a dgCMatrix with as(x, \"dgCMatrix\"), then saveRDS())",
			       class);
	return err_set(err,
		       "a matrix of class %s is not understood (in R: turn it into a dgCMatrix "
		       "with as(x, \"CsparseMatrix\"), then saveRDS())",
		       class);
}

/* ---- checks ---- */

static int check_starts(const struct rds_value *p, size_t n, size_t stored, struct err *err)
{
	if (p->ints[0] != 0 || p->ints[n] < 0 || (size_t)p->ints[n] != stored)
		return err_set(err,
			       "its slot p runs from %d to %d, but %zu values are stored (the "
			       "file is damaged)",
			       p->ints[0], p->ints[n], stored);
	for (size_t i = 0; i < n; i++)
		if (p->ints[i + 1] < p->ints[i])
			return err_set(err,
				       "its slot p falls from %d to %d at %zu (the file is "
				       "damaged)",
				       p->ints[i], p->ints[i + 1], i);
	return 0;
}

static int check_indices(const struct rds_value *v, const char *slot, size_t n, size_t below,
			 struct err *err)
{
	if (!rds_is(v, RDS_INTEGER) || v->dropped || v->n != n)
		return err_set(err,
			       "its slot %s has %llu indices for %zu values (the file is "
			       "damaged)",
			       slot, (unsigned long long)rds_length(v), n);
	for (size_t k = 0; k < n; k++)
		if (v->ints[k] < 0 || (size_t)v->ints[k] >= below)
			return err_set(err,
				       "its slot %s has index %d, but there are %zu (the file "
				       "is damaged)",
				       slot, v->ints[k], below);
	return 0;
}

static int read_shape(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		      const char *slot, struct err *err)
{
	const struct rds_value *d = rds_slot(file, v, slot);
	double genes = rds_number(d, 0), cells = rds_number(d, 1);
	if (rds_length(d) != 2 || !(genes >= 0 && genes <= INT32_MAX) ||
	    !(cells >= 0 && cells <= INT32_MAX))
		return err_set(err, "its slot %s is not two sizes (the file is damaged)", slot);
	m->n_genes = (size_t)genes;
	m->n_cells = (size_t)cells;
	return 0;
}

static int read_names(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		      const char *slot, struct err *err)
{
	const struct rds_value *names = rds_slot(file, v, slot);
	size_t sizes[] = {m->n_genes, m->n_cells};
	for (uint64_t i = 0; i < 2; i++) {
		const struct rds_value *side = rds_item(names, i);
		if (rds_is_null(side))
			continue;
		if (!rds_is(side, RDS_STRING) || side->dropped || side->n != sizes[i])
			return err_set(err,
				       "it has %zu %s but %llu names for them (the file is "
				       "damaged)",
				       sizes[i], i ? "columns" : "rows",
				       (unsigned long long)rds_length(side));
		*(i ? &m->cell_names : &m->gene_names) = side;
	}
	return 0;
}

static int check_length(const struct rds_value *x, size_t n, struct err *err)
{
	if (rds_length(x) == n && (!n || !x->dropped))
		return 0;
	return err_set(err, "it has %llu values where %zu must be (the file is damaged)",
		       (unsigned long long)rds_length(x), n);
}

/* Point at the numbers of 'x', which must be 'n'. */
static int read_values(struct rds_matrix *m, const struct rds_value *x, size_t n, struct err *err)
{
	m->n_stored = n;
	if (check_length(x, n, err))
		return -1;
	if (rds_is(x, RDS_REAL))
		m->reals = x->reals;
	else if (rds_is(x, RDS_FLOAT))
		m->floats = x->floats;
	else if (rds_is(x, RDS_INTEGER) || rds_is(x, RDS_LOGICAL))
		m->ints = x->ints;
	else
		return err_set(err, "its values are not numbers (the file is damaged)");
	m->integers = m->ints != NULL;
	return 0;
}

/* ---- values and turning ---- */

static void copy_values(const struct rds_matrix *m, size_t at, size_t n, float *to)
{
	if (m->floats)
		memcpy(to, m->floats + at, n * sizeof(*to));
	else if (m->reals)
		wire_narrow(to, m->reals + at, n);
	else
		for (size_t i = 0; i < n; i++)
			to[i] = !m->ints                        ? 1.0f
				: m->ints[at + i] == RDS_NA_INT ? NAN
								: (float)m->ints[at + i];
	if (m->ones)
		for (size_t i = 0; i < n; i++)
			to[i] = to[i] != 0 && !isnan(to[i]) ? 1.0f : to[i];
}

/*
 * From values with a gene and a cell each to cells one after the other. Stable: within a cell
 * they stay in stored order.
 */
static void turn(struct rds_matrix *m, const int32_t *gene_of, const int32_t *cell_of)
{
	size_t n = m->n_stored;
	int32_t *starts, *genes;
	float *values, *from;
	m->owned[0] = MEM_ZERO(starts, m->n_cells + 2);
	m->owned[1] = MEM_ARRAY(genes, n);
	m->owned[2] = MEM_ARRAY(values, n);
	MEM_ARRAY(from, n);
	copy_values(m, 0, n, from);

	/* Counted one place to the right, filling leaves each start where it belongs. */
	for (size_t k = 0; k < n; k++)
		starts[cell_of[k] + 2]++;
	for (size_t c = 1; c <= m->n_cells; c++)
		starts[c + 1] += starts[c];
	for (size_t k = 0; k < n; k++) {
		int32_t at = starts[cell_of[k] + 1]++;
		genes[at] = gene_of[k];
		values[at] = from[k];
	}
	free(from);
	m->starts = starts;
	m->genes = genes;
	m->floats = values;
	m->reals = NULL;
	m->ints = NULL;
}

/* Slot p of a matrix by gene, spelled out: the gene of every value. */
static int32_t *spell_out(const int32_t *starts, size_t n, size_t stored)
{
	int32_t *of;
	MEM_ARRAY(of, stored);
	for (size_t i = 0; i < n; i++)
		for (int32_t k = starts[i]; k < starts[i + 1]; k++)
			of[k] = (int32_t)i;
	return of;
}

/* ---- opening ---- */

static int open_by_cell(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
			struct err *err)
{
	const struct rds_value *i = rds_slot(file, v, "i"), *p = rds_slot(file, v, "p");
	if (check_starts(p, m->n_cells, m->n_stored, err) ||
	    check_indices(i, "i", m->n_stored, m->n_genes, err))
		return -1;
	m->starts = p->ints;
	m->genes = i->ints;
	return 0;
}

static int open_by_gene(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
			struct err *err)
{
	const struct rds_value *j = rds_slot(file, v, "j"), *p = rds_slot(file, v, "p");
	if (check_starts(p, m->n_genes, m->n_stored, err) ||
	    check_indices(j, "j", m->n_stored, m->n_cells, err))
		return -1;
	int32_t *gene_of = spell_out(p->ints, m->n_genes, m->n_stored);
	turn(m, gene_of, j->ints);
	free(gene_of);
	return 0;
}

static int open_triplets(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
			 struct err *err)
{
	const struct rds_value *i = rds_slot(file, v, "i"), *j = rds_slot(file, v, "j");
	if (check_indices(i, "i", m->n_stored, m->n_genes, err) ||
	    check_indices(j, "j", m->n_stored, m->n_cells, err))
		return -1;
	if (m->n_stored > INT32_MAX)
		return err_set(err, "it stores %zu values, more than this can turn", m->n_stored);
	m->adds = true;
	turn(m, i->ints, j->ints);
	return 0;
}

static int open_dense(struct rds_matrix *m, const struct rds_value *x, struct err *err)
{
	m->dense = true;
	return read_values(m, x, m->n_genes * m->n_cells, err);
}

static int open_sparse(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		       const struct matrix_kind *kind, struct err *err)
{
	const struct rds_value *x = rds_slot(file, v, "x");
	const struct rds_value *indices = rds_slot(file, v, kind->layout == BY_GENE ? "j" : "i");
	m->n_stored = (size_t)rds_length(indices);
	if (kind->class[0] != 'n' && read_values(m, x, m->n_stored, err))
		return -1;
	switch (kind->layout) {
	case BY_CELL:
		return open_by_cell(m, file, v, err);
	case BY_GENE:
		return open_by_gene(m, file, v, err);
	default:
		return open_triplets(m, file, v, err);
	}
}

/*
 * Sizes are held to what the file has for them before anything is made of that size: starts of the
 * columns or rows, values of a dense one, names; and without any of these to what any experiment
 * could have.
 */
static int check_sizes(const struct rds_matrix *m, const struct rds *file,
		       const struct rds_value *v, enum layout layout, struct err *err)
{
	const struct rds_value *p = rds_slot(file, v, "p");
	const struct rds_value *x = is_base_matrix(file, v) ? v : rds_slot(file, v, "x");
	bool starts = layout == BY_CELL || layout == BY_GENE;
	size_t n = layout == BY_CELL ? m->n_cells : m->n_genes;

	if (starts && (!rds_is(p, RDS_INTEGER) || p->dropped || p->n != n + 1))
		return err_set(err,
			       "its slot p has %llu starts for %zu columns or rows (the file "
			       "is damaged)",
			       (unsigned long long)rds_length(p), n);
	if (layout == DENSE && m->n_genes && m->n_cells)
		return check_length(x, m->n_genes * m->n_cells, err);
	if ((layout != BY_GENE && !m->gene_names && m->n_genes > UNNAMED_MOST) ||
	    (layout != BY_CELL && !m->cell_names && m->n_cells > UNNAMED_MOST))
		return err_set(err,
			       "it says it has %zu rows and %zu columns, and has no names for "
			       "them (the file is damaged)",
			       m->n_genes, m->n_cells);
	return 0;
}

int rds_matrix_shape(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		     struct err *err)
{
	bool base = is_base_matrix(file, v);
	*m = (struct rds_matrix){.class = rds_class(file, v)};
	if (!base && !kind_of(m->class))
		return no_such_kind(file, v, err);
	if (read_shape(m, file, v, base ? "dim" : "Dim", err))
		return -1;
	if (read_names(m, file, v, base ? "dimnames" : "Dimnames", err))
		return -1;
	return check_sizes(m, file, v, base ? DENSE : kind_of(m->class)->layout, err);
}

static int open_values(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		       struct err *err)
{
	const struct matrix_kind *kind = kind_of(m->class);
	if (is_base_matrix(file, v))
		return open_dense(m, v, err);
	m->ones = kind->ones;
	if (kind->layout == DENSE)
		return open_dense(m, rds_slot(file, v, "x"), err);
	return open_sparse(m, file, v, kind, err);
}

int rds_matrix_open(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		    struct err *err)
{
	if (rds_matrix_shape(m, file, v, err))
		return -1;
	if (!open_values(m, file, v, err))
		return 0;
	rds_matrix_close(m);
	return -1;
}

void rds_matrix_close(struct rds_matrix *m)
{
	for (size_t i = 0; i < ARRAY_LEN(m->owned); i++)
		free(m->owned[i]);
	memset(m, 0, sizeof(*m));
}

size_t rds_matrix_room(const struct rds_matrix *m, size_t cell)
{
	return m->dense ? m->n_genes : (size_t)(m->starts[cell + 1] - m->starts[cell]);
}

size_t rds_matrix_cell(const struct rds_matrix *m, size_t cell, uint32_t *genes, float *values)
{
	size_t n = 0;
	if (!m->dense) {
		size_t at = (size_t)m->starts[cell];
		n = rds_matrix_room(m, cell);
		copy_values(m, at, n, values);
		memcpy(genes, m->genes + at, n * sizeof(*genes));
		return n;
	}
	copy_values(m, cell * m->n_genes, m->n_genes, values);
	for (size_t gene = 0; gene < m->n_genes; gene++) {
		if (values[gene] == 0)
			continue;
		genes[n] = (uint32_t)gene;
		values[n++] = values[gene];
	}
	return n;
}

/* list.c - see list.h. */
#include "base/util.h"

#include <math.h>
#include <stdarg.h>

#include "import/rds/altrep.h"
#include "import/rds/contents.h"
#include "import/rds/list.h"
#include "import/rds/rds_matrix.h"
#include "import/rds/rds_table.h"
#include "import/rds/time.h"
#include "import/rds/wire.h"

enum { FIRST = 5 };

/* ---- one vector ---- */

static uint64_t count_missing(const struct rds *file, const struct rds_value *v)
{
	uint64_t n = 0;
	if (v->dropped || v->type > RDS_STRING || v->type == RDS_COMPLEX)
		return 0;
	for (uint64_t i = 0; i < rds_length(v); i++)
		n += v->type == RDS_STRING ? !rds_text(file, v, i) : isnan(rds_number(v, i));
	return n;
}

static void add_number(struct text *t, const struct rds *file, const struct rds_value *v, double x)
{
	char out[TIME_TEXT] = "NA";
	if (rds_inherits(file, v, "Date"))
		time_day(out, x);
	else if (rds_inherits(file, v, "POSIXct"))
		time_moment(out, x);
	else if (v->type == RDS_LOGICAL)
		snprintf(out, sizeof(out), "%s", isnan(x) ? "NA" : x != 0 ? "TRUE" : "FALSE");
	else if (altrep_is_na(x) || (v->type == RDS_INTEGER && isnan(x)))
		snprintf(out, sizeof(out), "NA");
	else if (isinf(x) || isnan(x))
		altrep_format(out, x);
	else
		format_double(out, x);
	text_add(t, "%s", out);
}

static void add_element(struct text *t, const struct rds *file, const struct rds_value *v,
			uint64_t i)
{
	const char *s;
	switch (v->type) {
	case RDS_STRING:
		s = rds_text(file, v, i);
		text_add(t, "%s", s ? s : "NA");
		break;
	case RDS_RAW:
		text_add(t, "%02x", v->raws[i]);
		break;
	case RDS_COMPLEX:
		text_add(t, "%.15g%+.15gi", v->reals[2 * i], v->reals[2 * i + 1]);
		break;
	case RDS_INTEGER:
		if (rds_inherits(file, v, "factor") && v->ints[i] != RDS_NA_INT) {
			s = rds_text(file, rds_attribute(file, v, "levels"),
				     (uint64_t)v->ints[i] - 1);
			text_add(t, "%s", s ? s : "NA");
			break;
		}
		/* fall through */
	default:
		add_number(t, file, v, rds_number(v, i));
	}
}

static char *first_values(const struct rds *file, const struct rds_value *v)
{
	struct text t = TEXT_INIT;
	bool vector = v->type >= RDS_LOGICAL && v->type <= RDS_STRING && !v->dropped;
	for (uint64_t i = 0; vector && i < MIN(rds_length(v), (uint64_t)FIRST); i++) {
		if (i)
			text_add_char(&t, '|');
		add_element(&t, file, v, i);
	}
	return text_take(&t);
}

static char *classes(const struct rds *file, const struct rds_value *v)
{
	const struct rds_value *c = rds_attribute(file, v, "class");
	struct text t = TEXT_INIT;
	if (!rds_length(c))
		text_add(&t, "%s", rds_class(file, v));
	for (uint64_t i = 0; i < rds_length(c); i++)
		text_add(&t, "%s%s", i ? "/" : "",
			 rds_text(file, c, i) ? rds_text(file, c, i) : "");
	return text_take(&t);
}

/* Elements; of a run-length encoding those it stands for. */
static uint64_t count_rows(const struct rds *file, const struct rds_value *v)
{
	const struct rds_value *runs = rds_slot(file, v, "lengths");
	double n = 0;
	if (!rds_inherits(file, v, "Rle"))
		return rds_length(v);
	for (uint64_t i = 0; i < rds_length(runs); i++)
		n += fmax(0, rds_number(runs, i));
	return (uint64_t)fmin(n, 0x1p52);
}

static void put_vector(struct tsv_writer *out, const struct rds *file, const char *part,
		       const struct rds_value *v)
{
	char *class = classes(file, v), *first = first_values(file, v);
	tsv_put(out, part);
	tsv_put(out, class);
	tsv_put_size(out, (size_t)count_rows(file, v));
	tsv_put(out, "");
	tsv_put(out, "");
	tsv_put_size(out, (size_t)count_missing(file, v));
	tsv_put(out, first);
	tsv_end_row(out);
	free(class);
	free(first);
}

static void put_matrix(struct tsv_writer *out, const struct rds *file, const char *part,
		       const struct rds_value *v)
{
	struct err why = ERR_INIT;
	struct rds_matrix m;
	bool known = !rds_matrix_shape(&m, file, v, &why);
	const struct rds_value *x = rds_slot(file, v, "x"), *i = rds_slot(file, v, "i");
	tsv_put(out, part);
	tsv_put(out, rds_class(file, v));
	for (int side = 0; side < 2; side++)
		if (known)
			tsv_put_size(out, side ? m.n_cells : m.n_genes);
		else
			tsv_put(out, "");
	tsv_put_size(out, (size_t)rds_length(rds_is(v, RDS_S4) ? (x ? x : i) : v));
	tsv_put(out, "");
	tsv_put(out, known ? "" : why.text);
	tsv_end_row(out);
}

static void put_value(struct tsv_writer *out, const struct rds *file, const char *part,
		      const struct rds_value *v)
{
	if (v && rds_is_matrix(file, v))
		put_matrix(out, file, part, v);
	else if (v)
		put_vector(out, file, part, v);
}

/* ---- what objects are made of ---- */

PRINTF_LIKE(4, 5)
static void put_named(struct tsv_writer *out, const struct rds *file, const struct rds_value *v,
		      const char *format, ...)
{
	char part[300];
	va_list ap;
	va_start(ap, format);
	vsnprintf(part, sizeof(part), format, ap);
	va_end(ap);
	put_value(out, file, part, v);
}

static void put_elements(struct tsv_writer *out, const struct rds *file, const char *where,
			 const struct rds_value *list)
{
	for (uint64_t i = 0; i < rds_length(list); i++) {
		const char *name = rds_name(file, list, i);
		if (name && *name)
			put_named(out, file, rds_item(list, i), "%s%s", where, name);
		else
			put_named(out, file, rds_item(list, i), "%s%llu", where,
				  (unsigned long long)i + 1);
	}
}

static void put_table(struct tsv_writer *out, const struct rds *file, const char *where,
		      const struct rds_value *v)
{
	struct err ignored = ERR_INIT;
	struct rds_table t;
	if (v && !rds_table_open(&t, file, v, &ignored))
		put_elements(out, file, where, t.columns);
}

static void put_assay(struct tsv_writer *out, const struct rds *file, const char *name,
		      const struct rds_value *assay)
{
	static const char *const slots[] = {"counts", "data", "scale.data"};
	const struct rds_value *layers = rds_slot(file, assay, "layers");
	char where[200];
	snprintf(where, sizeof(where), "assays/%.150s/", name);
	put_elements(out, file, where, layers);
	for (size_t i = 0; !layers && i < ARRAY_LEN(slots); i++)
		put_named(out, file, rds_slot(file, assay, slots[i]), "%s%s", where, slots[i]);
}

static void put_seurat(struct tsv_writer *out, const struct rds *file)
{
	const struct rds_value *root = file->root, *assays = rds_slot(file, root, "assays");
	const struct rds_value *reductions = rds_slot(file, root, "reductions");
	for (uint64_t i = 0; i < rds_length(assays); i++)
		put_assay(out, file, rds_name(file, assays, i) ? rds_name(file, assays, i) : "?",
			  rds_item(assays, i));
	put_table(out, file, "meta.data/", rds_slot(file, root, "meta.data"));
	put_value(out, file, "active.ident", rds_slot(file, root, "active.ident"));
	for (uint64_t i = 0; i < rds_length(reductions); i++)
		put_named(out, file, rds_slot(file, rds_item(reductions, i), "cell.embeddings"),
			  "reductions/%s",
			  rds_name(file, reductions, i) ? rds_name(file, reductions, i) : "?");
}

static void put_bioconductor(struct tsv_writer *out, const struct rds *file)
{
	struct rds_contents c = {0};
	struct err ignored = ERR_INIT;
	if (bioconductor_find(&c, file, NULL, &ignored))
		err_clear(&ignored);
	for (size_t i = 0; i < c.n_offers; i++)
		put_named(out, file, c.offers[i].matrix, "assays/%s", c.offers[i].name);
	put_table(out, file, "colData/", c.obs);
	put_table(out, file, "rowData/", c.var);
	for (size_t i = 0; i < c.n_embeddings; i++)
		put_named(out, file, c.embeddings[i].matrix, "reducedDims/%s",
			  c.embeddings[i].name);
	rds_contents_release(&c);
}

void rds_list(const struct rds *file, struct tsv_writer *out)
{
	tsv_header(out, "part\tclass\trows\tcolumns\tstored\tmissing\tfirst");
	if (seurat_is(file))
		put_seurat(out, file);
	else if (bioconductor_is(file))
		put_bioconductor(out, file);
	else if (rds_is_table(file, file->root))
		put_table(out, file, "", file->root);
	else if (rds_is(file->root, RDS_LIST))
		put_elements(out, file, "", file->root);
	else
		put_value(out, file, "object", file->root);
}

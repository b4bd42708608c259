/* read.c - see read.h. */
#include "base/util.h"

#include "import/rds/altrep.h"
#include "import/rds/bytecode.h"
#include "import/rds/codes.h"
#include "import/rds/rds_reader_private.h"
#include "import/rds/read.h"

/* Vectors up to this length are always kept whole: dims, classes, versions. */
enum { SHORT = 1024 };

static struct rds_value opaque = {.type = RDS_OTHER, .attributes = &rds_null};

/* ---- references ---- */

static void remember(struct rds_reader *r, struct rds_value *v)
{
	MEM_GROW(r->refs, r->n_refs + 1, r->cap_refs);
	r->refs[r->n_refs++] = v;
}

static int read_reference(struct rds_reader *r, int32_t flags, struct rds_value **to)
{
	int32_t index = (int32_t)((uint32_t)flags >> 8);
	if (!index && reader_int(r, &index))
		return -1;
	if (index < 1 || (size_t)index > r->n_refs)
		return wire_fault(&r->wire, r->err, "reference %d, but there are %zu", index,
				  r->n_refs);
	*to = r->refs[index - 1];
	return 0;
}

/* ---- text ---- */

/* The rest of a CHARSXP, its flags taken: its id, STRTAB_NONE for NA. */
static int read_chars(struct rds_reader *r, int32_t flags, bool keep, uint32_t *id)
{
	int32_t n;
	if ((flags & CODE_MASK) != CHARSXP || flags & HAS_ATTRIBUTES)
		return wire_fault(&r->wire, r->err, "type %d where text must be",
				  flags & CODE_MASK);
	if (reader_int(r, &n))
		return -1;
	*id = STRTAB_NONE;
	if (n == -1)
		return 0;
	if (n < 0)
		return wire_fault(&r->wire, r->err, "a string of %d bytes", n);
	if (wire_text(&r->wire, (size_t)n, flags >> 12, r->err))
		return -1;
	if (keep)
		*id = strtab_add_n(&r->file->strings, r->wire.text.s, r->wire.text.len);
	return 0;
}

static int read_flagged_chars(struct rds_reader *r, bool keep, uint32_t *id)
{
	int32_t flags;
	return reader_int(r, &flags) ? -1 : read_chars(r, flags, keep, id);
}

static int read_symbol(struct rds_reader *r, struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, RDS_SYMBOL);
	uint32_t id;
	if (read_flagged_chars(r, true, &id))
		return -1;
	v->symbol = id == STRTAB_NONE ? strtab_add(&r->file->strings, "NA") : id;
	remember(r, v);
	*to = v;
	return 0;
}

/* Packages, namespaces and persistent names are a few strings, then something to refer to. */
static int read_names(struct rds_reader *r, struct rds_value **to)
{
	int32_t zero, n;
	uint32_t id;
	if (reader_int(r, &zero) || reader_int(r, &n))
		return -1;
	if (zero != 0 || n < 0)
		return wire_fault(&r->wire, r->err, "a name list of %d strings", n);
	for (int32_t i = 0; i < n; i++)
		if (read_flagged_chars(r, false, &id))
			return -1;
	*to = rds_value_new(r->file, RDS_OTHER);
	remember(r, *to);
	return 0;
}

/* ---- vectors ---- */

static int read_strings(struct rds_reader *r, struct rds_value *v, uint64_t n, bool keep)
{
	uint32_t id, *ids = NULL;
	size_t cap = 0;
	int ret = 0;
	if (!rds_source_may_hold(r->wire.source, n * 4))
		return wire_fault(&r->wire, r->err,
				  "a vector says it has %llu strings, more than "
				  "the file can hold",
				  (unsigned long long)n);
	for (uint64_t i = 0; i < n && !ret; i++) {
		ret = read_flagged_chars(r, keep, &id);
		if (keep && !ret) {
			MEM_GROW(ids, i + 1, cap);
			ids[i] = id;
		}
	}
	v->strings = ids;
	rds_own(r->file, ids);
	return ret;
}

static int read_doubles(struct rds_reader *r, struct rds_value *v, uint64_t n, unsigned mode)
{
	if (n > SHORT && mode & MODE_NARROW) {
		v->type = RDS_FLOAT;
		return wire_floats(&r->wire, n, &v->floats, r->err);
	}
	return wire_doubles(&r->wire, n, &v->reals, r->err);
}

static int pass_vector(struct rds_reader *r, struct rds_value *v, uint64_t n)
{
	switch (v->type) {
	case RDS_LOGICAL:
	case RDS_INTEGER:
		return wire_ints(&r->wire, n, NULL, r->err);
	case RDS_REAL:
		return wire_doubles(&r->wire, n, NULL, r->err);
	case RDS_COMPLEX:
		return wire_doubles(&r->wire, 2 * n, NULL, r->err);
	case RDS_RAW:
		return wire_raws(&r->wire, n, NULL, r->err);
	default:
		return read_strings(r, v, n, false);
	}
}

static int keep_vector(struct rds_reader *r, struct rds_value *v, uint64_t n, unsigned mode)
{
	int ret;
	switch (v->type) {
	case RDS_LOGICAL:
	case RDS_INTEGER:
		ret = wire_ints(&r->wire, n, &v->ints, r->err);
		break;
	case RDS_REAL:
		ret = read_doubles(r, v, n, mode);
		break;
	case RDS_COMPLEX:
		ret = wire_doubles(&r->wire, 2 * n, &v->reals, r->err);
		break;
	case RDS_RAW:
		ret = wire_raws(&r->wire, n, &v->raws, r->err);
		break;
	default:
		return read_strings(r, v, n, true);
	}
	rds_own(r->file, v->data);
	return ret;
}

static int read_vector(struct rds_reader *r, enum rds_type type, unsigned mode,
		       struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, type);
	uint64_t n;
	*to = v;
	if (wire_length(&r->wire, &n, r->err))
		return -1;
	v->dropped = mode & MODE_DROP && n > SHORT;
	if (v->dropped ? pass_vector(r, v, n) : keep_vector(r, v, n, mode))
		return -1;
	v->n = n;
	return 0;
}

/* ---- values made of values ---- */

static unsigned mode_for_tag(const struct rds_reader *r, const struct rds_value *tag, unsigned mode)
{
	const char *name = rds_text(r->file, tag, 0);
	const struct rds_plan *plan = r->plan;
	if (!name || mode & MODE_DROP)
		return mode;
	if (str_eq(name, ".xData"))
		return MODE_FIELDS;
	for (size_t i = 0; plan && plan->drop && plan->drop[i]; i++)
		if (str_eq(name, plan->drop[i]))
			return MODE_DROP;
	for (size_t i = 0; plan && plan->narrow && plan->narrow[i]; i++)
		if (str_eq(name, plan->narrow[i]))
			return MODE_NARROW;
	return 0;
}

static void begin_pair(struct rds_reader *r, int32_t flags, unsigned mode, struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, RDS_PAIR);
	*to = v;
	reader_todo(r, TODO_ITEM, mode, &v->cdr, 0);
	reader_todo(r, TODO_CAR, mode, v, 0);
	if (flags & HAS_TAG)
		reader_todo(r, TODO_ITEM, MODE_DROP, &v->tag, 0);
	if (flags & HAS_ATTRIBUTES)
		reader_todo(r, TODO_ITEM, mode, &v->attributes, 0);
}

/* Calls, closures and promises: laid out as a pair, nothing of them is kept but attributes. */
static void begin_code(struct rds_reader *r, int32_t flags, struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, RDS_OTHER);
	*to = v;
	reader_todo_ignored(r);
	reader_todo_ignored(r);
	if (flags & HAS_TAG)
		reader_todo_ignored(r);
	if (flags & HAS_ATTRIBUTES)
		reader_todo(r, TODO_ITEM, MODE_DROP, &v->attributes, 0);
}

static int begin_environment(struct rds_reader *r, unsigned mode, struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, RDS_ENVIRONMENT);
	unsigned inner = mode & MODE_FIELDS ? 0 : MODE_DROP;
	int32_t locked;
	*to = v;
	if (reader_int(r, &locked))
		return -1;
	remember(r, v);
	reader_todo(r, TODO_ITEM, inner, &v->attributes, 0);
	reader_todo(r, TODO_ITEM, inner, &v->cdr, 0);
	reader_todo(r, TODO_ITEM, inner, &v->car, 0);
	reader_todo_ignored(r);
	return 0;
}

static int begin_list(struct rds_reader *r, unsigned mode, struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, RDS_LIST);
	uint64_t n;
	*to = v;
	if (wire_length(&r->wire, &n, r->err))
		return -1;
	if (!rds_source_may_hold(r->wire.source, n * 2))
		return wire_fault(&r->wire, r->err,
				  "a list says it has %llu elements, more than "
				  "the file can hold",
				  (unsigned long long)n);
	reader_todo(r, TODO_ELEMENTS, mode & ~(unsigned)MODE_NARROW, v, n);
	return 0;
}

static int next_element(struct rds_reader *r, struct todo t)
{
	struct rds_value *v = t.at;
	if (v->n == t.n) {
		rds_own(r->file, v->n ? v->items : NULL);
		return 0;
	}
	/* Grow by doubling at powers of two: no capacity to keep per list. */
	if ((v->n & (v->n - 1)) == 0)
		v->items = mem_resize(v->items, (size_t)MIN(t.n, MAX(1, v->n * 2)),
				      sizeof(struct rds_value *));
	struct rds_value **to = &v->items[v->n++];
	*to = &rds_null;
	reader_todo(r, TODO_ELEMENTS, t.mode, v, t.n);
	reader_todo(r, TODO_ITEM, t.mode, to, 0);
	return 0;
}

static void begin_altrep(struct rds_reader *r, unsigned mode, struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, RDS_PAIR);
	*to = v;
	reader_todo(r, TODO_ALTREP, mode, v, 0);
	reader_todo(r, TODO_ITEM, mode & MODE_DROP, &v->attributes, 0);
	reader_todo(r, TODO_ITEM, mode, &v->cdr, 0);
	reader_todo(r, TODO_ITEM, 0, &v->car, 0);
}

static int end_altrep(struct rds_reader *r, struct rds_value *v)
{
	r->budget.position = rds_source_position(r->wire.source);
	if (altrep_expand(r->file, v, v->car, v->cdr, &r->budget, r->err))
		return err_prefix(r->err, "%s", r->file->path);
	return 0;
}

static int read_builtin(struct rds_reader *r, struct rds_value **to)
{
	int32_t n;
	*to = &opaque;
	if (reader_int(r, &n))
		return -1;
	if (n < 0)
		return wire_fault(&r->wire, r->err, "a name of %d bytes", n);
	return wire_text(&r->wire, (size_t)n, WIRE_UTF8, r->err);
}

static int read_lone_chars(struct rds_reader *r, int32_t flags, struct rds_value **to)
{
	struct rds_value *v = rds_value_new(r->file, RDS_STRING);
	v->strings = arena_alloc(&r->file->arena, sizeof(*v->strings));
	v->n = 1;
	*to = v;
	return read_chars(r, flags, true, v->strings);
}

static void begin_pointer(struct rds_reader *r, int type, struct rds_value **to)
{
	*to = rds_value_new(r->file, RDS_OTHER);
	remember(r, *to);
	if (type == EXTPTRSXP) {
		reader_todo_ignored(r);
		reader_todo_ignored(r);
	}
}

static enum rds_type vector_type(int type)
{
	switch (type) {
	case LGLSXP:
		return RDS_LOGICAL;
	case INTSXP:
		return RDS_INTEGER;
	case REALSXP:
		return RDS_REAL;
	case CPLXSXP:
		return RDS_COMPLEX;
	case STRSXP:
		return RDS_STRING;
	case RAWSXP:
		return RDS_RAW;
	default:
		return RDS_NULL;
	}
}

/* Values whose attributes follow their contents: queue the attributes, then the contents. */
static int begin_object(struct rds_reader *r, int32_t flags, unsigned mode, struct rds_value **to)
{
	int type = flags & CODE_MASK;
	size_t below = r->n_todo;
	int ret = 0;

	if (flags & HAS_ATTRIBUTES)
		reader_todo(r, TODO_ITEM, mode & MODE_DROP, &r->sink, 0);
	if (type == VECSXP || type == EXPRSXP)
		ret = begin_list(r, mode, to);
	else if (type == S4SXP)
		*to = rds_value_new(r->file, RDS_S4);
	else if (type == BCODESXP)
		ret = bytecode_begin(r, to);
	else if (type == EXTPTRSXP || type == WEAKREFSXP)
		begin_pointer(r, type, to);
	else if (type == SPECIALSXP || type == BUILTINSXP)
		ret = read_builtin(r, to);
	else if (vector_type(type) != RDS_NULL)
		ret = read_vector(r, vector_type(type), mode, to);
	else
		return wire_fault(&r->wire, r->err, "unknown type %d", type);
	if (!ret && flags & HAS_ATTRIBUTES && *to != &opaque && !err_is_set(r->err))
		r->todo[below].at = &(*to)->attributes;
	return ret;
}

static int read_item(struct rds_reader *r, unsigned mode, struct rds_value **to)
{
	int32_t flags;
	if (reader_int(r, &flags))
		return -1;
	switch (flags & CODE_MASK) {
	case NILVALUE_SXP:
	case NILSXP:
		*to = &rds_null;
		return 0;
	case BASEENV_SXP:
	case EMPTYENV_SXP:
	case BASENAMESPACE_SXP:
	case MISSINGARG_SXP:
	case UNBOUNDVALUE_SXP:
	case GLOBALENV_SXP:
		*to = &opaque;
		return 0;
	case REFSXP:
		return read_reference(r, flags, to);
	case PERSISTSXP:
	case PACKAGESXP:
	case NAMESPACESXP:
		return read_names(r, to);
	case SYMSXP:
		return read_symbol(r, to);
	case CHARSXP:
		return read_lone_chars(r, flags, to);
	case ENVSXP:
		return begin_environment(r, mode, to);
	case LISTSXP:
	case DOTSXP:
		begin_pair(r, flags, mode, to);
		return 0;
	case ATTRLISTSXP:
	case ATTRLANGSXP:
	case BCREPDEF:
	case BCREPREF:
		return wire_fault(&r->wire, r->err, "byte code outside a function");
	case LANGSXP:
	case CLOSXP:
	case PROMSXP:
		begin_code(r, flags, to);
		return 0;
	case ALTREP_SXP:
		begin_altrep(r, mode, to);
		return 0;
	default:
		return begin_object(r, flags, mode, to);
	}
}

static int do_next(struct rds_reader *r)
{
	struct todo t = r->todo[--r->n_todo];
	struct rds_value *v = t.at;
	switch ((enum todo_kind)t.kind) {
	case TODO_ITEM:
		return read_item(r, t.mode, t.at);
	case TODO_CAR:
		return read_item(r, mode_for_tag(r, v->tag, t.mode), &v->car);
	case TODO_ELEMENTS:
		return next_element(r, t);
	case TODO_ALTREP:
		return end_altrep(r, v);
	default:
		return bytecode_next(r, t);
	}
}

/* ---- the whole file ---- */

static int read_root(struct rds_reader *r)
{
	static const char *const formats[] = {"xdr", "little-endian", "ascii"};
	if (wire_open(&r->wire, r->wire.source, r->err))
		return -1;
	r->file->format = formats[r->wire.format];
	r->file->version = r->wire.version;
	reader_todo(r, TODO_ITEM, 0, &r->file->root, 0);
	while (r->n_todo)
		if (do_next(r) || err_is_set(r->err))
			return -1;
	r->file->unpacked = rds_source_position(r->wire.source);
	return str_eq(r->file->packing, "none") ? 0 : rds_source_drain(r->wire.source, r->err);
}

/* A list belongs to the file once it is complete; after a failure some are not. */
static void own_unfinished(struct rds_reader *r)
{
	for (size_t i = 0; i < r->n_todo; i++)
		if (r->todo[i].kind == TODO_ELEMENTS)
			rds_own(r->file, ((struct rds_value *)r->todo[i].at)->items);
}

struct rds *rds_read(const char *path, const struct rds_plan *plan, struct pool *pool,
		     struct err *err)
{
	struct rds_source *source = rds_source_open(path, pool, err);
	if (!source)
		return NULL;
	struct rds_reader r = {.plan = plan, .err = err, .sink = &rds_null};
	r.wire = (struct wire){.source = source, .text = TEXT_INIT, .raw = TEXT_INIT};
	r.file = mem_zero(1, sizeof(*r.file));
	r.file->path = mem_str(rds_source_path(source));
	r.file->packing = rds_source_packing(source);
	r.file->root = &rds_null;
	if (plan && plan->progress) {
		plan->progress->total = (size_t)rds_source_size(source);
		rds_source_watch(source, plan->progress);
	}

	int failed = read_root(&r);
	own_unfinished(&r);
	wire_release(&r.wire);
	rds_source_close(source);
	free(r.refs);
	free(r.todo);
	if (failed) {
		rds_free(r.file);
		return NULL;
	}
	return r.file;
}

/* obs_plan.c - the names that CellTypist, CELLxGENE and CAP have for what we know of a cell. */
#include "base/util.h"

#include "base/text.h"
#include "h5ad/frame/obs_plan.h"

/* What a preset calls a column of ours; the first of 'from' that the table has is taken. */
struct plan_rename {
	const char *from[4];
	const char *to;
	bool needed;
};

static const struct plan_rename celltypist[] = {
	{{"label", "predicted_labels"}, "predicted_labels", true},
	{{"over_clustering", "cluster"}, "over_clustering", false},
	{{"majority_voting"}, "majority_voting", false},
	{{"conf_score", "confidence"}, "conf_score", false},
};

static const struct plan_rename cellxgene[] = {
	{{"cell_type_ontology_term_id", "cl_id", "id"}, "cell_type_ontology_term_id", true},
};

/* After the name of the set, cell_type in the pipeline's specification; "" is the set itself. */
static const struct plan_rename spec[] = {
	{{"label"}, "", true},
	{{"label_original"}, "_original", false},
	{{"majority_voting"}, "_voted", false},
	{{"confidence"}, "_confidence", false},
	{{"model"}, "_model", false},
	{{"reason"}, "_reason", false},
	{{"cl_id", "id"}, "_ontology_id", false},
	{{"cl_name", "name"}, "_ontology_name", false},
};

/* The pipeline's own, after the name of the set. */
static const struct plan_rename pipette[] = {
	{{"label"}, "_label", true},
	{{"label_original"}, "_original", false},
	{{"majority_voting"}, "_voted", false},
	{{"confidence"}, "_confidence", false},
	{{"probability"}, "_probability", false},
	{{"novelty"}, "_novelty", false},
	{{"model"}, "_model", false},
	{{"reason"}, "_reason", false},
	{{"cl_id", "id"}, "_ontology_id", false},
	{{"cl_name", "name"}, "_ontology_name", false},
	{{"cl_score", "score"}, "_ontology_score", false},
};

/* Verdicts of marker-check and proposals of llm-annotate, as GPT Cell Annotator calls its columns. */
static const struct plan_rename evidence[] = {
	{{"label"}, "_label", true},
	{{"proposed"}, "_proposed_label", false},
	{{"status"}, "_status", true},
	{{"confidence", "agreement"}, "_confidence", false},
	{{"rationale", "reason"}, "_rationale", false},
	{{"id"}, "_ontology_id", false},
	{{"genes"}, "_canonical_markers", false},
	{{"conflict"}, "_conflicting_markers", false},
};

/* After the name of the annotation set; "" is the set itself. */
static const struct plan_rename cap[] = {
	{{"label", "cell_label"}, "", false},
	{{"cell_fullname", "name", "label"}, "--cell_fullname", false},
	{{"cell_ontology_term_id", "cl_id", "id"}, "--cell_ontology_term_id", true},
	{{"cell_ontology_term", "cl_name", "name"}, "--cell_ontology_term", false},
	{{"rationale"}, "--rationale", false},
	{{"rationale_dois"}, "--rationale_dois", false},
	{{"marker_gene_evidence", "genes"}, "--marker_gene_evidence", false},
	{{"canonical_marker_genes"}, "--canonical_marker_genes", false},
	{{"synonyms"}, "--synonyms", false},
	{{"category_fullname"}, "--category_fullname", false},
	{{"category_cell_ontology_term_id"}, "--category_cell_ontology_term_id", false},
	{{"category_cell_ontology_term"}, "--category_cell_ontology_term", false},
	{{"cell_ontology_assessment"}, "--cell_ontology_assessment", false},
};

#define CAP_SET "cell_type"
#define PIPETTE_SET "pipette"

/* Too general to be a cell type of a cell: the schema of CELLxGENE forbids them. */
static const char *const forbidden[] = {"CL:0000255", "CL:0000257", "CL:0000548"};

/* Ontologies of cells that the schema allows: CL, and those of worm, zebrafish and fly. */
static const char *const prefixes[] = {"CL:", "WBbt:", "ZFA:", "FBbt:"};

/* ---- lists -------------------------------------------------------------------------------- */

struct obs_names obs_names_split(const char *list)
{
	struct obs_names names = {0};

	while (list && *list) {
		const char *end = strchrnul(list, ',');
		if (end > list) {
			MEM_GROW(names.items, names.n + 1, names.cap);
			names.items[names.n++] = mem_strn(list, (size_t)(end - list));
		}
		list = *end ? end + 1 : end;
	}
	return names;
}

void obs_names_release(struct obs_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct obs_names){0};
}

static bool listed(const struct obs_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (str_eq(names->items[i], name))
			return true;
	}
	return false;
}

/* ---- plans -------------------------------------------------------------------------------- */

static struct obs_entry *add_entry(struct obs_plan *plan, size_t column, char *name)
{
	MEM_GROW(plan->entries, plan->n + 1, plan->cap);
	plan->entries[plan->n] = (struct obs_entry){.column = column, .name = name};
	return &plan->entries[plan->n++];
}

static size_t first_of(const struct text_table *t, const struct plan_rename *r)
{
	for (size_t i = 0; i < ARRAY_LEN(r->from) && r->from[i]; i++) {
		size_t column = text_table_column(t, r->from[i]);
		if (column != SIZE_MAX && column > 0)
			return column;
	}
	return SIZE_MAX;
}

/* What becomes a number; all else is a category. */
static bool is_score(const char *to)
{
	static const char *const scores[] = {"conf_score", "_confidence", "_probability",
					     "_novelty", "_ontology_score"};

	for (size_t i = 0; i < ARRAY_LEN(scores); i++)
		if (str_eq(to, scores[i]))
			return true;
	return false;
}

static int add_renamed(struct obs_plan *plan, const struct text_table *t, const char *preset,
		       const struct plan_rename *names, size_t n, const char *set, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		size_t column = first_of(t, &names[i]);
		if (column == SIZE_MAX && names[i].needed)
			return err_set(err, "%s: has no column '%s', which preset %s needs",
				       t->path, names[i].from[0], preset);
		if (column == SIZE_MAX)
			continue;
		struct obs_entry *e = add_entry(plan, column, mem_printf("%s%s", set, names[i].to));
		e->category = !is_score(names[i].to);
		e->unknown = names == spec && str_eq(names[i].to, "_ontology_id");
	}
	return 0;
}

/* Labels of rank 2 and below, as many as the table has: label_2, confidence_2, ... */
static void add_ranks(struct obs_plan *plan, const struct text_table *t, const char *set)
{
	static const char *const columns[] = {"label", "confidence"};

	for (size_t rank = 2;; rank++) {
		for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
			char *name = mem_printf("%s_%zu", columns[i], rank);
			size_t column = text_table_column(t, name);

			if (column != SIZE_MAX)
				add_entry(plan, column, mem_printf("%s_%s", set, name))->category =
					i == 0;
			free(name);
			if (column == SIZE_MAX)
				return;
		}
	}
}

static int plan_pipette(struct obs_plan *plan, const struct text_table *t, const char *set,
			struct err *err)
{
	if (add_renamed(plan, t, "pipette", pipette, ARRAY_LEN(pipette), set, err))
		return -1;
	add_ranks(plan, t, set);
	return 0;
}

static int plan_preset(struct obs_plan *plan, const struct text_table *t,
		       const struct obs_choices *how, struct err *err)
{
	const char *set = how->prefix ? how->prefix : CAP_SET;

	if (str_eq(how->preset, "pipette"))
		return plan_pipette(plan, t, how->prefix ? how->prefix : PIPETTE_SET, err);
	if (str_eq(how->preset, "celltypist"))
		return add_renamed(plan, t, how->preset, celltypist, ARRAY_LEN(celltypist),
				   how->prefix ? how->prefix : "", err);
	if (str_eq(how->preset, "cellxgene")) {
		if (add_renamed(plan, t, how->preset, cellxgene, ARRAY_LEN(cellxgene), "", err))
			return -1;
		plan->entries[0].cl_ids = true;
		return 0;
	}
	if (str_eq(how->preset, "evidence"))
		return add_renamed(plan, t, how->preset, evidence, ARRAY_LEN(evidence),
				   how->prefix ? how->prefix : "evidence", err);
	if (str_eq(how->preset, "spec"))
		return add_renamed(plan, t, how->preset, spec, ARRAY_LEN(spec), set, err);
	if (add_renamed(plan, t, how->preset, cap, ARRAY_LEN(cap), set, err))
		return -1;
	add_entry(plan, first_of(t, &cap[2]), mem_printf("%s--cell_ontology_exists", set))->exists =
		true;
	return 0;
}

/* "old=new" of the list for a column, or NULL. Not a copy. */
static const char *new_name(const struct obs_names *map, const char *old)
{
	size_t len = strlen(old);

	for (size_t i = 0; i < map->n; i++) {
		if (strncmp(map->items[i], old, len) == 0 && map->items[i][len] == '=')
			return map->items[i] + len + 1;
	}
	return NULL;
}

static int check_map(const struct text_table *t, const struct obs_names *map, struct err *err)
{
	for (size_t i = 0; i < map->n; i++) {
		char *equals = strchr(map->items[i], '=');
		if (!equals || equals == map->items[i] || !equals[1])
			return err_set(err, "--map: '%s' is not OLD=NEW", map->items[i]);
		*equals = '\0';
		size_t column = text_table_column(t, map->items[i]);
		const char *near =
			nearest_name(map->items[i], (const char *const *)t->names, t->n_columns);
		if (column == SIZE_MAX)
			return err_set(err, "%s: has no column '%s'%s%s", t->path, map->items[i],
				       near ? ", did you mean " : "", near ? near : "");
		if (column == 0)
			return err_set(err, "--map: '%s' is the column that rows are found by",
				       map->items[i]);
		*equals = '=';
	}
	return 0;
}

static int plan_map(struct obs_plan *plan, const struct text_table *t,
		    const struct obs_choices *how, struct err *err)
{
	struct obs_names map = obs_names_split(how->map), text = obs_names_split(how->text);
	int ret = check_map(t, &map, err);

	for (size_t i = 1; i < t->n_columns && ret == 0; i++) {
		const char *name = new_name(&map, t->names[i]);
		if (!name && how->drop)
			continue;
		struct obs_entry *e = add_entry(
			plan, i,
			name ? mem_str(name)
			     : mem_printf("%s%s", how->prefix ? how->prefix : "", t->names[i]));
		/* clusters are numbered, but no numbers: 10 does not come behind 9 */
		e->is_text = str_eq(t->names[i], "cluster") || listed(&text, t->names[i]) ||
			     listed(&text, e->name);
	}
	obs_names_release(&map);
	obs_names_release(&text);
	return ret;
}

static int check_names(const struct obs_plan *plan, const struct text_table *t, struct err *err)
{
	if (plan->n == 0)
		return err_set(err, "%s: no column is left to add", t->path);
	for (size_t i = 0; i < plan->n; i++) {
		const char *name = plan->entries[i].name;
		if (strchr(name, '/') || *name == '\0' || str_eq(name, "_index"))
			return err_set(err,
				       "%s: '%s' cannot be the name of a column (rename it "
				       "with --map)",
				       t->path, name);
		for (size_t k = 0; k < i; k++) {
			if (str_eq(plan->entries[k].name, name))
				return err_set(err, "%s: two columns would be named '%s'", t->path,
					       name);
		}
	}
	return 0;
}

int obs_plan_make(struct obs_plan *plan, const struct text_table *t, const struct obs_choices *how,
		  struct err *err)
{
	if (how->preset && (how->map || how->drop || how->text))
		return err_set(err, "--preset decides names itself: it does not go with --map, "
				    "--text or --drop");
	if (how->preset ? plan_preset(plan, t, how, err) : plan_map(plan, t, how, err))
		return -1;
	return check_names(plan, t, err);
}

void obs_plan_release(struct obs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		free(plan->entries[i].name);
	free(plan->entries);
	*plan = (struct obs_plan){0};
}

/* ---- values ------------------------------------------------------------------------------- */

static int check_id(const char *id, struct err *err)
{
	bool known = false;

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		known |= str_starts(id, prefixes[i]);
	if (!known)
		return err_refuse(err, "'%s' is not an id of the Cell Ontology", id);
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
		if (str_eq(id, forbidden[i]))
			return err_refuse(err,
					  "%s is too general: CELLxGENE forbids it (leave it "
					  "empty for unknown)",
					  id);
	}
	return 0;
}

int obs_entry_finish(const struct obs_entry *e, char **values, size_t n, struct err *err)
{
	static char unknown[] = "unknown", capital[] = "Unknown";

	for (size_t i = 0; e->unknown && i < n; i++)
		if (!values[i] || !*values[i])
			values[i] = capital;

	for (size_t i = 0; e->cl_ids && i < n; i++) {
		if (!values[i] || strcasecmp(values[i], unknown) == 0 || str_eq(values[i], "NA"))
			values[i] = unknown;
		else if (check_id(values[i], err))
			return -1;
	}
	return 0;
}

/* True where there is a value. */
static struct column exists_column(const char *name, char *const *values, size_t n)
{
	struct column c = column_new(name, COLUMN_BOOL, n);

	for (size_t i = 0; i < n; i++)
		column_set_number(&c, i, values[i] && strchr(values[i], ':'));
	return c;
}

struct column obs_entry_column(const struct obs_entry *e, char *const *values, size_t n)
{
	if (e->exists)
		return exists_column(e->name, values, n);
	if (e->category)
		return column_categories(e->name, values, n);
	return column_from_text(e->name, values, n, e->is_text);
}

int obs_check_keys(char *const *keys, size_t n, struct err *err)
{
	struct strtab seen = {0};
	size_t n_again = 0, first = 0;

	for (size_t i = 0; i < n; i++) {
		size_t before = seen.n;
		strtab_add(&seen, keys[i]);
		if (seen.n == before && n_again++ == 0)
			first = i;
	}
	strtab_release(&seen);
	if (n_again == 0)
		return 0;
	return err_set(err, "%zu cells have a name that another cell has too, the first is '%s'",
		       n_again, keys[first]);
}

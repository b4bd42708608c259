/* gene_panel.c - see gene_panel.h. */
#include "base/util.h"

#include <strings.h>

#include "base/names.h"
#include "base/text.h"
#include "format/fields.h"
#include "format/json_read.h"
#include "matrix/gene_panel.h"

enum { LARGEST_JSON = 64 << 20 };

static uint32_t find_as_written(const struct gene_panel *panel, const char *gene)
{
	uint32_t found = strtab_find(&panel->genes, gene);

	if (found != STRTAB_NONE)
		return found;
	found = strtab_find(&panel->ids, gene);
	return found == STRTAB_NONE ? STRTAB_NONE : panel->gene_of_id[found];
}

uint32_t gene_panel_find(const struct gene_panel *panel, const char *gene)
{
	uint32_t found = find_as_written(panel, gene);

	if (found == STRTAB_NONE && panel->tables)
		found = find_as_written(panel, gene_name_of(panel->tables, gene).name);
	return found;
}

void gene_panel_release(struct gene_panel *panel)
{
	strtab_release(&panel->genes);
	strtab_release(&panel->ids);
	free(panel->gene_of_id);
	*panel = (struct gene_panel){.gene_of_id = NULL};
}

static void add_other_name(struct gene_panel *panel, const char *name, uint32_t gene)
{
	size_t before = panel->ids.n;

	if (!*name || strtab_add(&panel->ids, name) != before)
		return;
	MEM_GROW(panel->gene_of_id, panel->ids.n, panel->cap_ids);
	panel->gene_of_id[before] = gene;
}

void gene_panel_add(struct gene_panel *panel, const char *gene, const char *id)
{
	if (!*gene)
		gene = id;
	if (*gene)
		add_other_name(panel, id, strtab_add(&panel->genes, gene));
}

void gene_panel_approve(struct gene_panel *panel, struct gene_tables *tables)
{
	panel->tables = tables;
	for (size_t i = 0; i < panel->genes.n; i++) {
		const char *gene = strtab_str(&panel->genes, (uint32_t)i);
		const char *now = gene_name_of(tables, gene).name;

		if (!str_eq(now, gene) && strtab_find(&panel->genes, now) == STRTAB_NONE)
			add_other_name(panel, now, (uint32_t)i);
	}
}

/* ---- Xenium's JSON ---- */

/* payload.targets[].type = {descriptor: "gene", data: {id, name}} */
static void add_target(struct gene_panel *panel, const json_t *target)
{
	const json_t *type = json_object_get(target, "type");
	const json_t *data = json_object_get(type, "data");
	const char *descriptor = document_text(type, "descriptor");

	if (!*descriptor || !strcasecmp(descriptor, "gene"))
		gene_panel_add(panel, document_text(data, "name"), document_text(data, "id"));
}

static void add_item(struct gene_panel *panel, const json_t *item)
{
	if (json_is_string(item))
		gene_panel_add(panel, json_string_value(item), "");
	else if (json_object_get(item, "type"))
		add_target(panel, item);
	else
		gene_panel_add(panel, document_text(item, "name"), document_text(item, "id"));
}

/* Where a file may keep its list. */
static const json_t *find_list(const json_t *root)
{
	static const char *const keys[] = {"targets", "genes", "features"};
	const json_t *payload = json_object_get(root, "payload");

	if (json_is_array(root))
		return root;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const json_t *list = json_object_get(payload ? payload : root, keys[i]);
		if (json_is_array(list))
			return list;
	}
	return NULL;
}

static int read_json(const char *path, const struct text *bytes, struct gene_panel *panel,
		     struct err *err)
{
	json_t *root = document_parse(bytes->s, bytes->len, path, err);
	const json_t *list;

	if (!root)
		return -1;
	list = find_list(root);
	if (!list)
		err_set(err,
			"%s: no list of genes in this JSON file (payload.targets, as in "
			"Xenium's gene_panel.json, or an array)",
			path);
	for (size_t i = 0; i < json_array_size(list); i++)
		add_item(panel, json_array_get(list, i));
	json_decref(root);
	return list ? 0 : -1;
}

/* The rest of the file as one text. */
static int gather(struct lines *in, struct text *bytes, struct err *err)
{
	int got;

	do {
		if (bytes->len + in->len > LARGEST_JSON)
			return err_set(err, "%s: larger than 64 MiB: is this a gene panel?",
				       in->path);
		text_add_bytes(bytes, in->text, in->len);
		text_add_char(bytes, '\n');
	} while ((got = lines_next(in, err)) > 0);
	return got;
}

/* ---- lists and tables ---- */

static size_t find_field(const struct names *fields, const char *const *words, size_t n)
{
	for (size_t w = 0; w < n; w++)
		for (size_t i = 0; i < fields->n; i++)
			if (!strcasecmp(fields->s[i], words[w]))
				return i;
	return SIZE_MAX;
}

struct layout {
	char delimiter;
	size_t gene, id; /* columns; 'id' may be SIZE_MAX */
	bool has_header;
};

/* A first line that names a column of genes is a header; else the first column holds them. */
static int find_layout(const struct lines *in, struct layout *layout, struct err *err)
{
	static const char *const gene_words[] = {
		"gene",        "genes",      "gene_name",   "gene name",   "gene_symbol",
		"gene symbol", "symbol",     "hgnc symbol", "hgnc_symbol", "feature_name",
		"name",        "gene_names", "target",
	};
	static const char *const id_words[] = {
		"ensembl id", "ensembl_id",     "ensembl", "gene_id",
		"gene_ids",   "gene stable id", "id",
	};
	struct names fields = {0};

	*layout = (struct layout){.delimiter = strchr(in->text, '\t') ? '\t' : ','};
	if (fields_split(in, layout->delimiter, &fields, err)) {
		names_release(&fields);
		return -1;
	}
	layout->gene = find_field(&fields, gene_words, ARRAY_LEN(gene_words));
	layout->id = find_field(&fields, id_words, ARRAY_LEN(id_words));
	layout->has_header = layout->gene != SIZE_MAX || layout->id != SIZE_MAX;
	if (layout->gene == SIZE_MAX)
		layout->gene = layout->has_header ? layout->id : 0;
	names_release(&fields);
	return 0;
}

static int add_row(struct gene_panel *panel, const struct layout *layout, const struct lines *in,
		   struct err *err)
{
	struct names fields = {0};
	int ret = fields_split(in, layout->delimiter, &fields, err);

	if (ret == 0)
		gene_panel_add(panel, layout->gene < fields.n ? fields.s[layout->gene] : "",
			       layout->id < fields.n && layout->id != layout->gene
				       ? fields.s[layout->id]
				       : "");
	names_release(&fields);
	return ret;
}

static bool is_blank(const char *s)
{
	return s[0] == '#' || !s[strspn(s, " \t,")];
}

/* Blanks around a gene are nobody's intention. */
static void trim(struct lines *in)
{
	while (in->len && strchr(" \t", in->text[in->len - 1]))
		in->text[--in->len] = '\0';
	while (*in->text == ' ') {
		in->text++;
		in->len--;
	}
}

static int read_table(struct lines *in, struct gene_panel *panel, struct err *err)
{
	struct layout layout;
	int got;

	if (find_layout(in, &layout, err) ||
	    (!layout.has_header && add_row(panel, &layout, in, err)))
		return -1;
	while ((got = lines_next(in, err)) > 0) {
		trim(in);
		if (!is_blank(in->text) && add_row(panel, &layout, in, err))
			return -1;
	}
	return got;
}

static int read_any(struct lines *in, struct gene_panel *panel, struct err *err)
{
	struct text bytes = TEXT_INIT;
	int got, ret;

	while ((got = lines_next(in, err)) > 0) {
		trim(in);
		if (!is_blank(in->text))
			break;
	}
	if (got <= 0)
		return got;
	if (in->text[0] != '{' && in->text[0] != '[')
		return read_table(in, panel, err);
	ret = gather(in, &bytes, err);
	if (ret == 0)
		ret = read_json(in->path, &bytes, panel, err);
	text_release(&bytes);
	return ret;
}

int gene_panel_read(const char *path, struct gene_panel *panel, struct err *err)
{
	struct lines *in = lines_open(path, err);
	int ret;

	*panel = (struct gene_panel){.gene_of_id = NULL};
	if (!in)
		return -1;
	ret = read_any(in, panel, err);
	if (ret == 0 && panel->genes.n == 0)
		ret = err_set(err, "%s: there is no gene in this list", in->path);
	lines_close(in);
	if (ret)
		gene_panel_release(panel);
	return ret;
}

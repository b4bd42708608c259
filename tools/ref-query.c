/* ref-query - list references by what they are of.
 *
 * Reads registries (YAML), the tables of local Seurat studies (CSV) and, when asked, CELLxGENE's
 * or CellTypist's index (JSON, from the service or saved); writes a TSV that ref-fetch reads.
 * --samples lists the samples of local studies instead. Registries first, in their order; a Census
 * release is pinned unless another is asked for.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "ref/ref_query.h"

static struct opts {
	struct opt_list source, condition, tissue, organism, celltype, registry;
	const char *id, *preset, *census, *descriptor, *mirror, *discover, *models_index, *data;
	const char *cache, *output;
	size_t min_cells, min_type_cells;
	bool look_inside, samples, refresh, offline;
} o = {.output = "-"};

static const struct opt options[] = {
	OPT_LIST("source", 's', source, "NAME", "one of cellxgene, synapse, local, url, models"),
	OPT_LIST("condition", 'c', condition, "RE", "of this condition or disease"),
	OPT_LIST("tissue", 't', tissue, "RE", "of this tissue"),
	OPT_LIST("organism", 0, organism, "RE", "of this organism"),
	OPT_SIZE("min-cells", 0, min_cells, "N", "with at least N cells"),
	OPT_LIST("celltype", 0, celltype, "RE", "studies with cells of a type that matches"),
	OPT_SIZE("min-type-cells", 0, min_type_cells, "N", "with at least N cells of these types"),
	OPT_FLAG("samples", 0, samples, "list samples and their cell types, not studies"),
	OPT_TEXT("preset", 'p', preset, "NAME,...", "questions the registry has a name for"),
	OPT_TEXT("id", 'i', id, "NAME,...", "exactly these, whatever their source"),
	OPT_LIST("registry", 'r', registry, "FILE", "a registry of your own; its names win"),
	OPT_TEXT("data", 0, data, "DIR", "local studies (SCRNASEQ_DATA_DIR)"),
	OPT_TEXT("census", 0, census, "NAME",
		 "Census release: stable, latest, a date (pinned one)"),
	OPT_TEXT("descriptor", 0, descriptor, "WHERE",
		 "its release.json: file or URL (the service)"),
	OPT_TEXT("mirror", 0, mirror, "URL", "bucket to take the Census' h5ads from"),
	OPT_TEXT("discover", 0, discover, "WHERE",
		 "search CELLxGENE's index: service, file or URL"),
	OPT_TEXT("cache", 0, cache, "DIR",
		 "keep the service's answer here (CELLXGENE_CACHE_DIR, ...)"),
	OPT_FLAG("refresh", 0, refresh, "ask the service even if its answer is in the cache"),
	OPT_FLAG("offline", 0, offline, "take only the answer that is in the cache"),
	OPT_TEXT("models-index", 0, models_index, "WHERE",
		 "CellTypist's index instead of ours: service, file or URL"),
	OPT_FLAG("look-inside", 0, look_inside, "find the label column of local files"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "list references by what they are of",
	.synopsis = "[OPTIONS] [TERM...] [-o LIST.tsv]",
	.options = options,
	.max_inputs = SIZE_MAX,
	.details = "Terms and RE are regular expressions, case aside; all of them must match.",
};

static struct query make_query(const struct inputs *terms)
{
	for (size_t i = 0; i < o.source.n; i++)
		if (!query_is_source(o.source.items[i]))
			die_usage("--source %s: should be cellxgene, synapse, local, url or models",
				  o.source.items[i]);
	return (struct query){
		.sources = &o.source,
		.conditions = &o.condition,
		.tissues = &o.tissue,
		.organisms = &o.organism,
		.terms = terms->paths,
		.n_terms = terms->n,
		.min_cells = o.min_cells,
		.types = &o.celltype,
		.min_type_cells = o.min_type_cells,
		.ids = o.id,
		.presets = o.preset,
		.census = o.census,
		.descriptor = o.descriptor,
		.mirror = o.mirror,
		.discover = o.discover,
		.models_index = o.models_index,
		.data = o.data,
		.look_inside = o.look_inside,
		.cache = o.cache,
		.refresh = o.refresh,
		.offline = o.offline,
	};
}

/* A line of the text each time; it is cut up. */
static void tell(char *lines, bool is_warning)
{
	char *line;

	while ((line = strsep(&lines, "\n")))
		if (*line && is_warning)
			warn("%s", line);
		else if (*line)
			say("%s", line);
}

static void note(const struct registry *reg, size_t n)
{
	const char *const from[] = {o.descriptor, o.discover, o.models_index};

	for (size_t i = 0; i < ARRAY_LEN(from); i++)
		if (from[i])
			manifest_decision("index", "%s", from[i]);
	manifest_decision("census release", "%s", reg->services.census_release);
	manifest_count("references", n);
	manifest_output(o.output);
	say("%zu references", n);
}

int main(int argc, char **argv)
{
	struct answer answer = ANSWER_INIT;
	struct registry reg = {0};
	struct err err = ERR_INIT;

	tool_begin("ref-query", argc, argv);
	struct inputs terms = opt_parse(&usage, argc, argv);
	struct query query = make_query(&terms);

	if (o.refresh && o.offline)
		die_usage("--refresh asks the service, --offline does not");

	if (registry_open(&reg, o.registry.items, o.registry.n, &err) ||
	    query_ask(&query, &reg, &answer, &err))
		die_err(&err);
	tell(answer.notes.s, false);
	tell(answer.warnings.s, true);
	if (o.samples ? samples_write(&answer.samples, o.output, &err)
		      : references_write(&answer.list, o.output, &err))
		die_err(&err);
	note(&reg, answer.list.n);

	answer_release(&answer);
	registry_release(&reg);
	return tool_end();
}

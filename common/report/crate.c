/* crate.c - see crate.h. */
#include "base/util.h"

#include <sys/stat.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/strtab.h"
#include "base/text.h"
#include "report/crate.h"

#define PROFILE "https://w3id.org/ro/wfrun/process/0.5"
#define CONTEXT "https://w3id.org/ro/crate/1.1/context"
#define HOME "https://example.org/pipette"

struct crate {
	struct json j;
	const struct run_log *run;
	const struct crate_words *words;
	struct strtab files, tools; /* paths as the steps had them; names of filters */
	char *folder, *base; /* the run's, whole; where its steps ran, "" where that is not known */
};

/* ---- names of things ---- */

static void add_escaped(struct text *t, const char *path)
{
	for (const char *c = path; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			     (*c >= '0' && *c <= '9') || strchr("-._~/+=", *c);

		if (plain)
			text_add_bytes(t, c, 1);
		else
			text_add(t, "%%%02X", (unsigned)(unsigned char)*c);
	}
}

/* Where the steps ran: what they made is named from there, and lies in the folder. */
static char *base_of(const struct crate *c)
{
	for (uint32_t i = 0; c->folder && i < c->files.n; i++) {
		const char *path = strtab_str(&c->files, i);
		size_t whole = strlen(c->folder);

		for (size_t n = *path == '/' ? 0 : strlen(path); n > 0; n--)
			if (n < whole && path[n] == '/' && c->folder[whole - n - 1] == '/' &&
			    strncmp(c->folder + whole - n, path, n) == 0)
				return mem_strn(c->folder, whole - n);
	}
	return mem_str("");
}

/* A step's path as it is found from here. The caller frees. */
static char *placed(const struct crate *c, const char *path)
{
	char *from = mem_printf("%s%s", *path == '/' ? "" : c->base, path);
	char *whole = realpath(from, NULL);

	if (!whole)
		return from;
	free(from);
	return whole;
}

/* What a file is called in the crate: relative inside it, an address elsewhere. */
static void put_file_id(struct crate *c, const char *key, const char *path)
{
	struct text id = TEXT_INIT;
	char *whole = placed(c, path);
	size_t n = c->folder ? strlen(c->folder) : 0;

	if (n && strncmp(whole, c->folder, n) == 0 && whole[n] == '/') {
		add_escaped(&id, whole + n + 1);
	} else {
		text_add(&id, "file://");
		add_escaped(&id, whole);
	}
	json_str(&c->j, key, id.s);
	text_release(&id);
	free(whole);
}

static void put_marked_id(struct crate *c, const char *kind, const char *name)
{
	struct text id = TEXT_INIT;

	text_add(&id, "%s%s/", str_eq(kind, "filter") ? HOME "#" : "#", kind);
	add_escaped(&id, name);
	json_str(&c->j, "@id", id.s);
	text_release(&id);
}

static void put_reference(struct json *j, const char *key, const char *id)
{
	json_open_object(j, key);
	json_str(j, "@id", id);
	json_close(j);
}

static bool is_address(const char *s)
{
	return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}

static const char *license_id(const struct crate *c)
{
	return is_address(c->words->license) ? c->words->license : "#license";
}

static const char *author_id(const struct crate *c)
{
	return c->words->author.id ? c->words->author.id : "#author";
}

static const char *organization_id(const struct crate *c)
{
	return c->words->organization.id ? c->words->organization.id : "#organization";
}

/* ---- entities ---- */

static void put_descriptor(struct crate *c)
{
	json_open_object(&c->j, NULL);
	json_str(&c->j, "@id", "ro-crate-metadata.json");
	json_str(&c->j, "@type", "CreativeWork");
	put_reference(&c->j, "conformsTo", "https://w3id.org/ro/crate/1.1");
	put_reference(&c->j, "about", "./");
	json_close(&c->j);
	json_open_object(&c->j, NULL);
	json_str(&c->j, "@id", PROFILE);
	json_str(&c->j, "@type", "CreativeWork");
	json_str(&c->j, "name", "Process Run Crate");
	json_str(&c->j, "version", "0.5");
	json_close(&c->j);
}

static void put_root(struct crate *c)
{
	json_open_object(&c->j, NULL);
	json_str(&c->j, "@id", "./");
	json_str(&c->j, "@type", "Dataset");
	put_reference(&c->j, "conformsTo", PROFILE);
	json_str(&c->j, "name", c->words->name);
	json_str(&c->j, "description", c->words->description);
	json_str(&c->j, "datePublished", c->words->date);
	put_reference(&c->j, "license", license_id(c));
	if (c->words->author.name)
		put_reference(&c->j, "author", author_id(c));
	if (c->words->organization.name)
		put_reference(&c->j, "publisher", organization_id(c));
	json_open_array(&c->j, "hasPart");
	for (uint32_t i = 0; i < c->files.n; i++) {
		json_open_object(&c->j, NULL);
		put_file_id(c, "@id", strtab_str(&c->files, i));
		json_close(&c->j);
	}
	json_close(&c->j);
	json_open_array(&c->j, "mentions");
	for (size_t i = 0; i < c->run->n; i++) {
		json_open_object(&c->j, NULL);
		put_marked_id(c, "step", c->run->steps[i].name);
		json_close(&c->j);
	}
	json_close(&c->j);
	json_close(&c->j);
}

/* The licence, and whose the crate is. */
static void put_parties(struct crate *c)
{
	const struct crate_party *author = &c->words->author, *house = &c->words->organization;

	json_open_object(&c->j, NULL);
	json_str(&c->j, "@id", license_id(c));
	json_str(&c->j, "@type", "CreativeWork");
	json_str(&c->j, "name",
		 is_address(c->words->license) ? path_file(c->words->license) : c->words->license);
	json_close(&c->j);
	if (author->name) {
		json_open_object(&c->j, NULL);
		json_str(&c->j, "@id", author_id(c));
		json_str(&c->j, "@type", "Person");
		json_str(&c->j, "name", author->name);
		if (house->name)
			put_reference(&c->j, "affiliation", organization_id(c));
		json_close(&c->j);
	}
	if (house->name) {
		json_open_object(&c->j, NULL);
		json_str(&c->j, "@id", organization_id(c));
		json_str(&c->j, "@type", "Organization");
		json_str(&c->j, "name", house->name);
		if (house->id)
			json_str(&c->j, "url", house->id);
		json_close(&c->j);
	}
}

static void put_tool(struct crate *c, const char *name)
{
	const char *version = "";

	for (size_t i = 0; i < c->run->n; i++)
		if (str_eq(c->run->steps[i].tool, name) && *c->run->steps[i].version)
			version = c->run->steps[i].version;
	json_open_object(&c->j, NULL);
	put_marked_id(c, "filter", name);
	json_str(&c->j, "@type", "SoftwareApplication");
	json_str(&c->j, "name", name);
	json_str(&c->j, "url", HOME);
	if (*version)
		json_str(&c->j, "softwareVersion", version);
	json_close(&c->j);
}

/* What a file is, by its name: a media type. */
static const char *format_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} formats[] = {{".tsv", "text/tab-separated-values"},
		       {".h5ad", "application/x-hdf5"},
		       {".h5", "application/x-hdf5"},
		       {".html", "text/html"},
		       {".json", "application/json"},
		       {".yaml", "application/yaml"},
		       {".csv", "text/csv"},
		       {".txt", "text/plain"},
		       {".gz", "application/gzip"},
		       {".png", "image/png"}};

	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (str_ends(path, formats[i].end))
			return formats[i].type;
	return "application/octet-stream";
}

static void put_file(struct crate *c, const char *path)
{
	char *whole = placed(c, path);
	struct stat st;

	json_open_object(&c->j, NULL);
	put_file_id(c, "@id", path);
	json_str(&c->j, "@type", "File");
	json_str(&c->j, "name", path_file(path));
	json_str(&c->j, "encodingFormat", format_of(path));
	if (stat(whole, &st) == 0 && S_ISREG(st.st_mode))
		json_size(&c->j, "contentSize", (uint64_t)st.st_size);
	json_close(&c->j);
	free(whole);
}

/* One stands alone, several in a list. */
static void put_files(struct crate *c, const char *key, char *const *paths, size_t n)
{
	if (n == 1) {
		json_open_object(&c->j, key);
		put_file_id(c, "@id", paths[0]);
		json_close(&c->j);
		return;
	}
	json_open_array(&c->j, key);
	for (size_t i = 0; i < n; i++) {
		json_open_object(&c->j, NULL);
		put_file_id(c, "@id", paths[i]);
		json_close(&c->j);
	}
	json_close(&c->j);
}

/* When the step ended: its manifest is written last. */
static void put_end(struct crate *c, const struct run_step *s)
{
	char *path = mem_printf("%s/manifests/%s.json", c->words->folder, s->name);
	struct stat st;
	struct tm when;
	char said[40];

	if (stat(path, &st) == 0 && gmtime_r(&st.st_mtime, &when) &&
	    strftime(said, sizeof(said), "%Y-%m-%dT%H:%M:%S+00:00", &when))
		json_str(&c->j, "endTime", said);
	free(path);
}

static void put_action(struct crate *c, const struct run_step *s)
{
	json_open_object(&c->j, NULL);
	put_marked_id(c, "step", s->name);
	json_str(&c->j, "@type", "CreateAction");
	json_str(&c->j, "name", s->name);
	if (*s->command)
		json_str(&c->j, "description", s->command);
	json_open_object(&c->j, "instrument");
	put_marked_id(c, "filter", s->tool);
	json_close(&c->j);
	if (c->words->author.name)
		put_reference(&c->j, "agent", author_id(c));
	if (c->words->times)
		put_end(c, s);
	put_files(c, "object", s->inputs, s->n_inputs);
	put_files(c, "result", s->outputs, s->n_outputs);
	json_str(&c->j, "actionStatus", "http://schema.org/CompletedActionStatus");
	json_close(&c->j);
}

static void gather(struct crate *c)
{
	for (size_t i = 0; i < c->run->n; i++) {
		const struct run_step *s = &c->run->steps[i];

		strtab_add(&c->tools, s->tool);
		for (size_t k = 0; k < s->n_inputs; k++)
			strtab_add(&c->files, s->inputs[k]);
		for (size_t k = 0; k < s->n_outputs; k++)
			strtab_add(&c->files, s->outputs[k]);
	}
}

void crate_write(FILE *out, const struct run_log *run, const struct crate_words *words)
{
	struct crate c = {.j = json_start(out), .run = run, .words = words};

	gather(&c);
	c.folder = realpath(words->folder, NULL);
	c.base = base_of(&c);
	json_open_object(&c.j, NULL);
	json_str(&c.j, "@context", CONTEXT);
	json_open_array(&c.j, "@graph");
	put_descriptor(&c);
	put_root(&c);
	put_parties(&c);
	for (uint32_t i = 0; i < c.tools.n; i++)
		put_tool(&c, strtab_str(&c.tools, i));
	for (size_t i = 0; i < run->n; i++)
		put_action(&c, &run->steps[i]);
	for (uint32_t i = 0; i < c.files.n; i++)
		put_file(&c, strtab_str(&c.files, i));
	json_close(&c.j);
	json_close(&c.j);
	free(c.folder);
	free(c.base);
	strtab_release(&c.files);
	strtab_release(&c.tools);
}

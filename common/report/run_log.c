/* run_log.c - see run_log.h. */
#include "base/util.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/strtab.h"
#include "base/text.h"
#include "format/json_read.h"
#include "report/run_log.h"

#define MAX_MANIFEST ((size_t)16 << 20)
#define MAX_STEPS 100000

static char *keep(struct run_log *r, const char *s)
{
	return arena_str(&r->arena, s, strlen(s));
}

static char *text_of(struct run_log *r, const json_t *object, const char *key)
{
	return keep(r, document_text(object, key));
}

/* The words of the command, with those that need it in quotes. */
static char *command_of(struct run_log *r, const json_t *argv)
{
	struct text line = TEXT_INIT;
	const json_t *word;
	char *kept;
	size_t i;

	json_array_foreach(argv, i, word)
	{
		const char *s = json_string_value(word);
		bool plain = s && *s && !strpbrk(s, " \t\n\"'\\$`*?&|;<>()");

		if (s)
			text_add(&line, "%s%s%s%s", i ? " " : "", plain ? "" : "'", s,
				 plain ? "" : "'");
	}
	kept = keep(r, line.s);
	text_release(&line);
	return kept;
}

static char **paths_of(struct run_log *r, const json_t *files, size_t *n)
{
	size_t n_files = json_array_size(files);
	char **paths = arena_alloc(&r->arena, mem_product(n_files + 1, sizeof(*paths)));

	for (*n = 0; *n < n_files; (*n)++)
		paths[*n] = text_of(r, json_array_get(files, *n), "path");
	return paths;
}

static void read_notes(struct run_log *r, struct run_step *s, json_t *root)
{
	json_t *parts[] = {json_object_get(root, "decisions"), json_object_get(root, "counts")};
	size_t n = json_object_size(parts[0]) + json_object_size(parts[1]);
	const char *key;
	json_t *value;
	char number[32];

	s->notes = arena_alloc(&r->arena, mem_product(n + 1, sizeof(*s->notes)));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		json_object_foreach(parts[i], key, value)
		{
			const char *text = json_string_value(value);

			if (json_is_integer(value))
				text = format_count(number,
						    (size_t)MAX(json_integer_value(value), 0));
			else if (json_is_real(value))
				format_float(number, json_real_value(value)), text = number;
			if (text)
				s->notes[s->n_notes++] =
					(struct run_note){keep(r, key), keep(r, text)};
		}
	}
}

static int read_bytes(const char *path, struct text *bytes, struct err *err)
{
	FILE *file = fopen(path, "re");
	char piece[16384];
	size_t got;
	int ret = 0;

	if (!file)
		return err_errno(err, "%s", path);
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0 && bytes->len < MAX_MANIFEST)
		text_add_bytes(bytes, piece, got);
	if (ferror(file))
		ret = err_errno(err, "%s", path);
	else if (bytes->len >= MAX_MANIFEST)
		ret = err_set(err, "%s: larger than 16 MB: not a manifest", path);
	fclose(file);
	return ret;
}

static int read_manifest(struct run_log *r, const char *path, const char *name, struct err *err)
{
	struct text bytes = TEXT_INIT;
	struct run_step s = {.name = NULL};
	json_t *root = NULL;

	if (read_bytes(path, &bytes, err))
		goto done;
	root = document_parse(bytes.s, bytes.len, path, err);
	if (!root)
		err_prefix(err, "not a manifest (run the step again)");
	else if (!json_is_string(json_object_get(root, "tool")))
		err_set(err, "%s: not a manifest: it names no tool (run the step again)", path);
	if (err_is_set(err))
		goto done;
	s.name = arena_str(&r->arena, name, strlen(name) - strlen(".json"));
	s.tool = text_of(r, root, "tool");
	s.version = text_of(r, root, "version");
	s.command = command_of(r, json_object_get(root, "argv"));
	s.inputs = paths_of(r, json_object_get(root, "inputs"), &s.n_inputs);
	s.outputs = paths_of(r, json_object_get(root, "outputs"), &s.n_outputs);
	read_notes(r, &s, root);
	if (!str_eq(s.tool, "report")) {
		MEM_GROW(r->steps, r->n + 1, r->cap);
		r->steps[r->n++] = s;
	}
done:
	json_decref(root);
	text_release(&bytes);
	return err_is_set(err) ? -1 : 0;
}

/* The names in RUN/stamps/steps; none when there is no such file. */
static int read_planned(const char *folder, struct strtab *planned, struct err *err)
{
	char *path = mem_printf("%s/stamps/steps", folder), *rest, *name;
	struct text bytes = TEXT_INIT;
	int ret = access(path, F_OK) == 0 ? read_bytes(path, &bytes, err) : 0;

	if (ret == 0 && bytes.len)
		for (rest = bytes.s; (name = strsep(&rest, " \n"));)
			if (*name)
				strtab_add(planned, name);
	text_release(&bytes);
	free(path);
	return ret;
}

static bool is_planned(const struct strtab *planned, const char *file)
{
	char *name = mem_strn(file, strlen(file) - strlen(".json"));
	bool found = !planned->n || strtab_find(planned, name) != STRTAB_NONE;

	free(name);
	return found;
}

static int is_manifest(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && str_ends(entry->d_name, ".json");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

struct run_log *run_log_read(const char *folder, struct err *err)
{
	struct run_log *r = mem_zero(1, sizeof(*r));
	char *manifests = mem_printf("%s/manifests", folder);
	struct dirent **entries = NULL;
	struct strtab planned = {0};
	int n = scandir(manifests, &entries, is_manifest, by_bytes);

	if (n >= 0 && read_planned(folder, &planned, err))
		err_prefix(err, "%s", folder);
	if (n < 0)
		err_errno(err, "%s: no manifests of a run", manifests);
	else if (n > MAX_STEPS)
		err_set(err, "%s: %d manifests: more than a run has", manifests, n);
	for (int i = 0; i < n; i++) {
		char *path = mem_printf("%s/%s", manifests, entries[i]->d_name);

		if (!err_is_set(err) && is_planned(&planned, entries[i]->d_name) &&
		    read_manifest(r, path, entries[i]->d_name, err))
			err_prefix(err, "%s", folder);
		free(path);
		free(entries[i]);
	}
	free(entries);
	free(manifests);
	strtab_release(&planned);
	if (!err_is_set(err))
		return r;
	run_log_free(r);
	return NULL;
}

void run_log_free(struct run_log *r)
{
	if (!r)
		return;
	free(r->steps);
	arena_release(&r->arena);
	free(r);
}

const char *run_step_note(const struct run_step *s, const char *what)
{
	for (size_t i = 0; i < s->n_notes; i++)
		if (str_eq(s->notes[i].what, what))
			return s->notes[i].text;
	return NULL;
}

bool run_step_is(const struct run_step *s, const char *tool, const char *query)
{
	static const char *const endings[] = {".h5ad", ".genes.h5ad", ".tsv"};
	size_t len = strlen(query);

	if (!str_eq(s->tool, tool))
		return false;
	for (size_t i = 0; i < s->n_inputs; i++) {
		const char *file = path_file(s->inputs[i]);

		for (size_t e = 0; e < ARRAY_LEN(endings); e++)
			if (strncmp(file, query, len) == 0 && str_eq(file + len, endings[e]))
				return true;
	}
	return false;
}

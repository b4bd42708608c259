/* manifest.c - see manifest.h. */
#include "base/util.h"

#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/manifest.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/progress.h"
#include "base/say.h"
#include "base/sha256.h"

#ifndef PIPETTE_VERSION
#define PIPETTE_VERSION "unknown"
#endif

enum note_kind { NOTE_INPUT, NOTE_OUTPUT, NOTE_DECISION, NOTE_COUNT, NOTE_VALUE };

struct note {
	enum note_kind kind;
	char *name, *text;
	uint64_t count;
	double value;
};

static struct {
	int argc;
	char **argv;
	double started;
	bool seeded;
	uint64_t seed;
	struct note *notes;
	size_t n, cap;
} manifest;

void manifest_start(int argc, char **argv)
{
	manifest.argc = argc;
	manifest.argv = argv;
	manifest.started = clock_seconds();
}

static struct note *add_note(enum note_kind kind, const char *name)
{
	struct note *note;

	MEM_GROW(manifest.notes, manifest.n + 1, manifest.cap);
	note = &manifest.notes[manifest.n++];
	*note = (struct note){.kind = kind, .name = mem_str(name)};
	return note;
}

void manifest_input(const char *path)
{
	add_note(NOTE_INPUT, path);
}

void manifest_output(const char *path)
{
	add_note(NOTE_OUTPUT, path);
}

void manifest_seed(uint64_t seed)
{
	manifest.seeded = true;
	manifest.seed = seed;
}

void manifest_decision(const char *what, const char *format, ...)
{
	va_list args;
	char text[1000];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	add_note(NOTE_DECISION, what)->text = mem_str(text);
}

void manifest_count(const char *what, uint64_t value)
{
	add_note(NOTE_COUNT, what)->count = value;
}

void manifest_value(const char *what, double value)
{
	add_note(NOTE_VALUE, what)->value = value;
}

static int write_file_note(struct json *j, const struct note *note, const char *hash,
			   struct err *err)
{
	struct stat st;
	char hex[65];
	uint64_t size;

	json_open_object(j, NULL);
	json_str(j, "path", note->name);
	if (!str_eq(note->name, "-") && !str_eq(hash, "none") && stat(note->name, &st) == 0 &&
	    S_ISREG(st.st_mode)) {
		json_size(j, "size", (uint64_t)st.st_size);
		if (str_eq(hash, "sha256")) {
			if (sha256_file(note->name, hex, &size, err))
				return -1;
			json_str(j, "sha256", hex);
		}
	}
	json_close(j);
	return 0;
}

static int write_files(struct json *j, const char *key, enum note_kind kind, const char *hash,
		       struct err *err)
{
	json_open_array(j, key);
	for (size_t i = 0; i < manifest.n; i++)
		if (manifest.notes[i].kind == kind &&
		    write_file_note(j, &manifest.notes[i], hash, err))
			return -1;
	json_close(j);
	return 0;
}

static void write_notes(struct json *j)
{
	json_open_object(j, "decisions");
	for (size_t i = 0; i < manifest.n; i++)
		if (manifest.notes[i].kind == NOTE_DECISION)
			json_str(j, manifest.notes[i].name, manifest.notes[i].text);
	json_close(j);
	json_open_object(j, "counts");
	for (size_t i = 0; i < manifest.n; i++) {
		const struct note *note = &manifest.notes[i];

		if (note->kind == NOTE_COUNT)
			json_size(j, note->name, note->count);
		else if (note->kind == NOTE_VALUE)
			json_double(j, note->name, note->value);
	}
	json_close(j);
}

static void write_cost(struct json *j)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	json_double(j, "wall_seconds", clock_seconds() - manifest.started);
	json_double(j, "cpu_seconds",
		    (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
			    1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec));
	json_size(j, "peak_memory_bytes", (uint64_t)use.ru_maxrss * 1024);
}

static int write_json(FILE *file, const char *hash, struct err *err)
{
	struct json j = json_start(file);

	json_open_object(&j, NULL);
	json_str(&j, "tool", tool_name);
	json_str(&j, "version", PIPETTE_VERSION);
	json_open_array(&j, "argv");
	for (int i = 0; i < manifest.argc; i++)
		json_str(&j, NULL, manifest.argv[i]);
	json_close(&j);
	if (manifest.seeded)
		json_size(&j, "seed", manifest.seed);
	if (write_files(&j, "inputs", NOTE_INPUT, hash, err) ||
	    write_files(&j, "outputs", NOTE_OUTPUT, hash, err))
		return -1;
	write_notes(&j);
	write_cost(&j);
	json_close(&j);
	return 0;
}

static void forget_notes(void)
{
	for (size_t i = 0; i < manifest.n; i++) {
		free(manifest.notes[i].name);
		free(manifest.notes[i].text);
	}
	free(manifest.notes);
	manifest.notes = NULL;
	manifest.n = manifest.cap = 0;
}

int manifest_write(const char *path, const char *hash, struct err *err)
{
	struct outfile *out = path ? outfile_open(path, err) : NULL;
	int ret = 0;

	if (path && !out)
		ret = -1;
	if (out && write_json(outfile_stream(out), hash, err)) {
		outfile_abort(out);
		ret = -1;
	} else if (out) {
		ret = outfile_commit(out, err);
	}
	forget_notes();
	return ret;
}

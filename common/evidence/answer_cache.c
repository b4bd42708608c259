/* answer_cache.c - see answer_cache.h. */
#include "base/util.h"

#include <unistd.h>

#include "base/folder.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/sha256.h"
#include "evidence/answer_cache.h"
#include "format/json_read.h"

/* Where the answer to a request is; 'hex' of 65. The caller frees. */
static char *path_of(const char *folder, const char *request, char *hex)
{
	struct sha256 sum;

	sha256_start(&sum);
	sha256_add(&sum, request, strlen(request));
	sha256_hex(&sum, hex);
	return mem_printf("%s/%s.json", folder, hex);
}

bool answer_cache_get(const char *folder, const char *request, struct kept_answer *kept)
{
	char hex[65], *path = path_of(folder, request, hex);
	struct err none = ERR_INIT;
	json_t *root = access(path, R_OK) ? NULL : document_read(path, &none);
	bool found = root && str_eq(document_text(root, "request"), hex) &&
		     json_is_string(json_object_get(root, "content"));

	*kept = (struct kept_answer){0};
	if (found)
		*kept = (struct kept_answer){mem_str(document_text(root, "content")),
					     mem_str(document_text(root, "model")),
					     document_size(root, "prompt_tokens"),
					     document_size(root, "completion_tokens")};
	json_decref(root);
	free(path);
	return found;
}

int answer_cache_put(const char *folder, const char *request, const struct kept_answer *kept,
		     struct err *err)
{
	char hex[65], *path = path_of(folder, request, hex);
	struct outfile *out = NULL;

	if (!folder_make(folder, err))
		out = outfile_open(path, err);
	free(path);
	if (!out)
		return -1;
	json_t *root =
		json_pack("{s:s,s:s,s:s,s:I,s:I}", "request", hex, "model", kept->model, "content",
			  kept->content, "prompt_tokens", (json_int_t)kept->prompt_tokens,
			  "completion_tokens", (json_int_t)kept->completion_tokens);
	json_dumpf(root, outfile_stream(out), JSON_INDENT(1) | JSON_SORT_KEYS);
	putc('\n', outfile_stream(out));
	json_decref(root);
	return outfile_commit(out, err);
}

void kept_answer_release(struct kept_answer *kept)
{
	free(kept->content);
	free(kept->model);
	*kept = (struct kept_answer){0};
}

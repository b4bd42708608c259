/* synapse.c - see synapse.h. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "net/address.h"
#include "ref/synapse.h"

#define TOKEN_LONGEST 8192

/* ---- the token ---- */

static int read_private(const char *path, char *line, size_t room, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return err_errno(err, "%s: cannot be opened", path);
	if (fstat(fd, &st) || (st.st_mode & 077)) {
		close(fd);
		return err_set(err, "%s: others may read this token (chmod 600 %s)", path, path);
	}
	got = read(fd, line, room - 1);
	close(fd);
	if (got < 0)
		return err_errno(err, "%s: cannot be read", path);
	line[got] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

/* What HTTP allows in a header: a token with a line end in it would be two headers. */
static bool is_token(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s == 127)
			return false;
	return true;
}

char *synapse_token(const char *file, struct err *err)
{
	const char *value = getenv("SYNAPSE_AUTH_TOKEN");
	char line[TOKEN_LONGEST] = "";
	char *token = NULL;

	if (value && *value)
		snprintf(line, sizeof(line), "%s", value);
	else if (file && read_private(file, line, sizeof(line), err))
		return NULL;
	if (!is_token(line))
		err_set(err, "the Synapse token has characters that no token has");
	else if (*line)
		token = mem_str(line);
	explicit_bzero(line, sizeof(line));
	return token;
}

/* ---- the file ---- */

static int need_permission(const struct ref_entry *ref, long status, struct err *err)
{
	err_clear(err);
	if (status == 401)
		return err_set(err,
			       "%s: Synapse does not take the token: it is wrong, expired or lacks "
			       "the scopes view and download (make one at "
			       "https://www.synapse.org/PersonalAccessTokens)",
			       ref->address);
	return err_set(err,
		       "%s: access must be approved first: log in at "
		       "https://www.synapse.org/Synapse:%s, press Request Access beside the file, "
		       "fulfil what it asks (some want a certified profile and a data use "
		       "statement), and run this again once it is granted",
		       ref->address, ref->address);
}

static json_t *ask(const char *url, const char *post, const struct ref_entry *ref,
		   const char *token, const struct patience *p, struct http_reply *reply,
		   struct err *err)
{
	json_t *answer = ask_json(url, post, token, p, reply, err);

	if (!answer && (reply->status == 401 || reply->status == 403))
		need_permission(ref, reply->status, err);
	return answer;
}

static char *request_of(const char *handle, const char *id)
{
	json_t *body = json_pack("{s:[{s:s,s:s,s:s}],s:b,s:b,s:b}", "requestedFiles",
				 "fileHandleId", handle, "associateObjectId", id,
				 "associateObjectType", "FileEntity", "includePreSignedURLs", 1,
				 "includeFileHandles", 1, "includePreviewPreSignedURLs", 0);
	char *text = json_dumps(body, JSON_COMPACT);

	json_decref(body);
	return text;
}

static int take_file(struct synapse_file *f, const json_t *answer, const struct ref_entry *ref,
		     struct err *err)
{
	const json_t *file = json_array_get(document_list(answer, "requestedFiles"), 0);
	const json_t *handle = json_object_get(file, "fileHandle");
	const char *failure = document_text(file, "failureCode");

	if (str_eq(failure, "UNAUTHORIZED"))
		return need_permission(ref, 403, err);
	if (!*document_text(file, "preSignedURL"))
		return err_set(err, "%s: Synapse gives no address for its file%s%s", ref->address,
			       *failure ? ": " : "", failure);
	f->url = mem_str(document_text(file, "preSignedURL"));
	f->name = mem_str(document_text(handle, "fileName"));
	f->md5 = mem_str(is_hex(document_text(handle, "contentMd5"), 32)
				 ? document_text(handle, "contentMd5")
				 : "");
	f->size = document_size(handle, "contentSize");
	return 0;
}

int synapse_find(struct synapse_file *f, const char *service, const struct ref_entry *ref,
		 const char *token, const struct patience *p, struct http_reply *reply,
		 struct err *err)
{
	char *path = mem_printf("repo/v1/entity/%s", ref->address);
	char *url = address_join(service, path), *post = NULL;
	json_t *entity, *answer = NULL;
	const char *handle;
	int ret = -1;

	*f = (struct synapse_file){0};
	*reply = (struct http_reply){0};
	entity = ask(url, NULL, ref, token, p, reply, err);
	handle = document_text(entity, "dataFileHandleId");
	if (!entity)
		goto done;
	if (!*handle) {
		err_set(err, "%s: is no file on Synapse, but a %s (give the id of a file in it)",
			ref->address, document_text(entity, "concreteType"));
		goto done;
	}
	free(url);
	url = address_join(service, "file/v1/fileHandle/batch");
	post = request_of(handle, ref->address);
	answer = ask(url, post, ref, token, p, reply, err);
	if (answer)
		ret = take_file(f, answer, ref, err);
done:
	json_decref(entity);
	json_decref(answer);
	free(post);
	free(url);
	free(path);
	return ret;
}

void synapse_release(struct synapse_file *f)
{
	free(f->url);
	free(f->name);
	free(f->md5);
	*f = (struct synapse_file){0};
}

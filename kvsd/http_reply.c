// SPDX-License-Identifier: GPL-2.0-only
/* From a whole request to its answer. */
#include <errno.h>
#include <string.h>

#include "http_reply.h"
#include "http_request.h"
#include "util.h"

static unsigned int status_of(int rc)
{
	switch (-rc) {
	case ENOENT:
	case ENODEV:
		return MHD_HTTP_NOT_FOUND;
	case EEXIST:
	case EBUSY:
	case EOPNOTSUPP:
		return MHD_HTTP_CONFLICT;
	case EINVAL:
	case ERANGE:
		return MHD_HTTP_BAD_REQUEST;
	case EPERM:
	case EACCES:
		return MHD_HTTP_FORBIDDEN;
	case E2BIG:
	case EMSGSIZE:
		return MHD_HTTP_CONTENT_TOO_LARGE;
	default:
		return MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
}

static int check_peer(uid_t uid, const char *method, struct err *err)
{
	if (uid == 0 || !strcmp(method, MHD_HTTP_METHOD_GET))
		return 0;
	return err_set(err, -EPERM,
		       "%s is for root, and this is uid %u: try it as root or with sudo", method,
		       uid);
}

struct query {
	json_t *object;
	const struct http_field *fields;
	struct err *err;
	int rc;
};

static enum MHD_Result query_add(void *arg, enum MHD_ValueKind kind, const char *key,
				 const char *value)
{
	struct query *q = arg;

	q->rc = http_request_query(q->object, q->fields, key, value ?: "", q->err);
	return q->rc ? MHD_NO : MHD_YES;
}

static int read_fields(struct MHD_Connection *connection, const struct http_call *call,
		       const struct http_field *fields, json_t **out, struct err *err)
{
	bool in_query = !strcmp(call->method, "GET") || !strcmp(call->method, "DELETE");
	struct query q = {.fields = in_query ? fields : NULL, .err = err};
	_json_ json_t *object = NULL;
	int rc;

	rc = http_request_body(call->body, call->len, &object, err);
	if (rc)
		return rc;
	if (in_query && json_object_size(object))
		return err_set(err, -EINVAL, "%s takes its arguments in the query, not in a body",
			       call->method);
	q.object = object;
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, query_add, &q);
	rc = q.rc ?: http_request_check(object, fields, err);
	if (!rc)
		*out = json_incref(object);
	return rc;
}

/* Calls the route; the status of its outcome. */
static unsigned int serve(const struct http_api *api, struct MHD_Connection *connection,
			  const struct http_call *call, char *allow, json_t **answer,
			  struct err *err)
{
	struct http_request rq = {.method = call->method, .ctx = api->ctx};
	const struct http_route *route;
	int rc;

	rc = http_request_route(api, call, rq.arg, allow, &route, err);
	if (rc)
		return allow[0] ? MHD_HTTP_METHOD_NOT_ALLOWED : status_of(rc);
	rc = check_peer(call->uid, call->method, err);
	if (!rc)
		rc = read_fields(connection, call, route->fields, &rq.fields, err);
	if (!rc)
		rc = route->fn(&rq, answer, err);
	json_decref(rq.fields);
	if (!rc)
		return route->success ?: MHD_HTTP_OK;
	if (!err->text[0])
		err_set(err, rc, "%s", strerror(-rc));
	return status_of(rc);
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned int status, char *text,
			     const char *allow)
{
	struct MHD_Response *response;
	enum MHD_Result queued;

	response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (allow[0])
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
	queued = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return queued;
}

static json_t *error_object(const struct err *err)
{
	json_t *text = json_string(err->text);

	/* a name that is not UTF-8, or one cut in the middle of a character */
	if (!text)
		text = json_string("refused, for a reason with a name in it that JSON cannot hold");
	return json_pack("{so}", "error", text);
}

enum MHD_Result http_reply(const struct http_api *api, struct MHD_Connection *connection,
			   const struct http_call *call)
{
	_json_ json_t *answer = NULL, *object = NULL;
	char allow[HTTP_ALLOW_LEN] = "", *text;
	struct err err = {""};
	unsigned int status;

	status = serve(api, connection, call, allow, &answer, &err);
	if (status >= MHD_HTTP_BAD_REQUEST)
		object = error_object(&err);
	else
		object = answer ? json_incref(answer) : json_object();
	text = json_dumps(object, JSON_COMPACT);
	if (!text)
		return MHD_NO;
	return queue(connection, status, text, status == MHD_HTTP_METHOD_NOT_ALLOWED ? allow : "");
}

// SPDX-License-Identifier: GPL-2.0-only
/* A configuration file as text and as libyaml's tree, and where in it something stands. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "config_parts.h"

#define FILE_MAX  (1u << 20)
#define DEPTH_MAX 8

/* Bytes of the UTF-8 character at s, 0 when it is broken. */
static int utf8_length(const unsigned char *s)
{
	int n = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0;

	for (int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

/* One line that JSON can carry, whatever the file held and wherever a long text was cut. */
static void tidy(char *text)
{
	unsigned char *s = (unsigned char *)text;

	while (*s) {
		int n = *s < ' ' || *s == 0x7f ? 0 : utf8_length(s);

		if (!n)
			*s = '?';
		s += n ? n : 1;
	}
}

static int refuse_line(const struct config_file *f, size_t line, const char *text)
{
	int ret = err_set(f->err, -EINVAL, "%s:%zu: %s", f->path, line, text);

	if (f->err)
		tidy(f->err->text);
	return ret;
}

static int no_memory(const struct config_file *f)
{
	return err_set(f->err, -ENOMEM, "%s: out of memory", f->path);
}

static int cannot_read(const struct config_file *f, int code)
{
	return err_set(f->err, code, "%s: %s: name a file that can be read, see kvs.yaml(5)",
		       f->path, strerror(-code));
}

static int read_text(struct config_file *f)
{
	_fclose_ FILE *in = fopen(f->path, "re");

	if (!in)
		return cannot_read(f, -errno);
	f->text = malloc(FILE_MAX + 1);
	if (!f->text)
		return no_memory(f);
	f->len = fread(f->text, 1, FILE_MAX + 1, in);
	if (ferror(in))
		return cannot_read(f, -errno);
	if (f->len > FILE_MAX)
		return err_set(f->err, -EFBIG, "%s: larger than 1 MiB: is this the right file?",
			       f->path);
	return 0;
}

static size_t line_of_offset(const struct config_file *f, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset && i < f->len; i++)
		line += f->text[i] == '\n';
	return line;
}

static int refuse_syntax(const struct config_file *f, const yaml_parser_t *parser)
{
	size_t line = parser->problem_mark.line + 1;
	char text[256];

	if (!parser->problem)
		return no_memory(f);
	if (parser->error == YAML_READER_ERROR)
		line = line_of_offset(f, parser->problem_offset);
	snprintf(text, sizeof(text),
		 "not YAML, %s: check the indentation (spaces, no tabs), quotes and colons",
		 parser->problem);
	return refuse_line(f, line, text);
}

static int step_of(yaml_event_type_t type)
{
	if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)
		return 1;
	return type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT ? -1 : 0;
}

struct seen {
	int documents, depth;
};

static int check_event(const struct config_file *f, const yaml_event_t *event, struct seen *seen)
{
	size_t line = event->start_mark.line + 1;

	seen->documents += event->type == YAML_DOCUMENT_START_EVENT;
	seen->depth += step_of(event->type);
	if (event->type == YAML_ALIAS_EVENT)
		return refuse_line(
			f, line,
			"'*' without quotes is a YAML alias: quote a pattern, write a value out");
	if (seen->documents > 1)
		return refuse_line(f, line, "a second document starts here: keep one per file");
	if (seen->depth > DEPTH_MAX)
		return refuse_line(f, line,
				   "too many lists or keys inside each other: see kvs.yaml(5)");
	return 0;
}

static int start(yaml_parser_t *parser, const struct config_file *f)
{
	if (!yaml_parser_initialize(parser))
		return no_memory(f);
	yaml_parser_set_input_string(parser, (const unsigned char *)f->text, f->len);
	return 0;
}

/* What the tree no longer shows: what follows the first document, and aliases, without which each
 * node has one place. Deep nesting costs libyaml quadratic time.
 */
static int scan(const struct config_file *f)
{
	_cleanup_(yaml_parser_delete) yaml_parser_t parser = {};
	yaml_event_type_t type = YAML_NO_EVENT;
	struct seen seen = {};
	int ret = start(&parser, f);

	while (!ret && type != YAML_STREAM_END_EVENT) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event))
			return refuse_syntax(f, &parser);
		type = event.type;
		ret = check_event(f, &event, &seen);
		yaml_event_delete(&event);
	}
	return ret;
}

static int build_tree(struct config_file *f)
{
	_cleanup_(yaml_parser_delete) yaml_parser_t parser = {};
	int ret = start(&parser, f);

	if (ret)
		return ret;
	return yaml_parser_load(&parser, &f->doc) ? 0 : refuse_syntax(f, &parser);
}

int config_file_read(struct config_file *f, const char *path, struct err *err)
{
	int ret;

	*f = (struct config_file){.path = path, .err = err};
	ret = read_text(f);
	if (ret)
		return ret;
	ret = scan(f);
	return ret ? ret : build_tree(f);
}

void config_file_free(struct config_file *f)
{
	free(f->text);
	yaml_document_delete(&f->doc);
}

const char *config_file_text(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

bool config_file_is_null(const yaml_node_t *node)
{
	static const char *const nothing[] = {"", "~", "null", "Null", "NULL"};

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		if (!strcmp(config_file_text(node), nothing[i]))
			return true;
	}
	return false;
}

yaml_node_t *config_file_root(struct config_file *f)
{
	yaml_node_t *root = yaml_document_get_root_node(&f->doc);

	return root && !config_file_is_null(root) ? root : NULL;
}

yaml_node_t *config_file_get(struct config_file *f, const yaml_node_t *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		yaml_node_t *node = yaml_document_get_node(&f->doc, p->key);

		if (node->type == YAML_SCALAR_NODE && !strcmp(config_file_text(node), key))
			return yaml_document_get_node(&f->doc, p->value);
	}
	return NULL;
}

yaml_node_t *config_file_item(struct config_file *f, const yaml_node_t *list, size_t i)
{
	if (!list || list->type != YAML_SEQUENCE_NODE)
		return NULL;
	if (i >= (size_t)(list->data.sequence.items.top - list->data.sequence.items.start))
		return NULL;
	return yaml_document_get_node(&f->doc, list->data.sequence.items.start[i]);
}

const yaml_node_t *config_file_find(struct config_file *f, const char *list, size_t i,
				    const char *key)
{
	const yaml_node_t *all = config_file_get(f, config_file_root(f), list);
	const yaml_node_t *entry = config_file_item(f, all, i);

	return key ? config_file_get(f, entry, key) : entry;
}

static bool list_step(const yaml_node_t *list, int id, char *step, size_t size)
{
	const yaml_node_item_t *items = list->data.sequence.items.start;

	for (const yaml_node_item_t *i = items; i < list->data.sequence.items.top; i++) {
		if (*i == id)
			return snprintf(step, size, "[%td]", i - items);
	}
	return false;
}

static bool map_step(struct config_file *f, const yaml_node_t *map, int id, char *step, size_t size)
{
	const yaml_node_pair_t *pairs = map->data.mapping.pairs.start;

	for (const yaml_node_pair_t *p = pairs; p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(&f->doc, p->key);
		bool scalar = key->type == YAML_SCALAR_NODE;

		if (p->key == id || p->value == id)
			return snprintf(step, size, ".%.40s", scalar ? config_file_text(key) : "?");
	}
	return false;
}

/* What leads from parent to its child number id, as ".key" or "[3]"; false for another's child. */
static bool write_step(struct config_file *f, const yaml_node_t *parent, int id, char *step,
		       size_t size)
{
	if (parent->type == YAML_SEQUENCE_NODE)
		return list_step(parent, id, step, size);
	return parent->type == YAML_MAPPING_NODE && map_step(f, parent, id, step, size);
}

/* "ports[1].path", found from the node up to the root; nothing for the root. Returns the length. */
static size_t write_place(struct config_file *f, const yaml_node_t *node, char *place, size_t size)
{
	int id = node - f->doc.nodes.start + 1;
	char step[64];

	for (yaml_node_t *parent = f->doc.nodes.start; parent < f->doc.nodes.top; parent++) {
		size_t n;

		if (!write_step(f, parent, id, step, sizeof(step)))
			continue;
		n = write_place(f, parent, place, size);
		return n + snprintf(place + n, size - n, "%s", n ? step : step + 1);
	}
	return 0;
}

int config_file_refuse(struct config_file *f, const yaml_node_t *node, const char *fmt, ...)
{
	char text[ERR_MAX] = "";
	size_t n = write_place(f, node, text, sizeof(text));
	va_list ap;

	if (n)
		n += snprintf(text + n, sizeof(text) - n, ": ");
	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	return refuse_line(f, node->start_mark.line + 1, text);
}

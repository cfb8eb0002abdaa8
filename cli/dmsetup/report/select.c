/* SPDX-License-Identifier: MIT */
/* -S: conditions on fields, joined by && , || # and !(...). */
#include <stdlib.h>
#include <string.h>

#include "dmsetup/report/report.h"

/* Parentheses are parsed by functions that call themselves. */
#define MAX_DEPTH 200

enum kind {
	K_AND,
	K_OR,
	K_NOT,
	/* Conditions: these compare the field with the operand. */
	K_EQUAL,
	K_UNEQUAL,
	K_AT_LEAST,
	K_MORE,
	K_AT_MOST,
	K_LESS,
	K_MATCHES,
	K_MATCHES_NOT,
	/* Times: no field is one. */
	K_TIME
};

/* A longer one first. */
static const struct {
	const char *text;
	uint8_t kind;
} operators[] = {
	{ "=~", K_MATCHES }, { "!~", K_MATCHES_NOT }, { "!=", K_UNEQUAL }, { ">=", K_AT_LEAST },
	{ "<=", K_AT_MOST }, { "=", K_EQUAL },	      { ">", K_MORE },	   { "<", K_LESS },
	{ "since", K_TIME }, { "after", K_TIME },     { "until", K_TIME }, { "before", K_TIME },
};

struct dms_condition {
	uint8_t kind;
	uint8_t field;
	struct dms_condition *left; /* of && and ||, and of ! */
	struct dms_condition *right;
	char *text;
	uint64_t number;
	struct dms_regex *regex;
};

struct parser {
	const char *at;
	unsigned depth;
	uint64_t fields;
};

static void skip_blanks(struct parser *parser)
{
	while (*parser->at == ' ' || (*parser->at >= '\t' && *parser->at <= '\r'))
		parser->at++;
}

static struct dms_condition *syntax_error(const char *at)
{
	dms_error("Selection syntax error at '%s'.", at);
	dms_error("Use 'help' for selection to get more help.");
	return NULL;
}

static void condition_free(struct dms_condition *condition)
{
	if (!condition)
		return;
	condition_free(condition->left);
	condition_free(condition->right);
	free(condition->text);
	free(condition->regex);
	free(condition);
}

/* Takes left and right, whatever comes of it. */
static struct dms_condition *condition_new(uint8_t kind, struct dms_condition *left,
					   struct dms_condition *right)
{
	struct dms_condition *condition = calloc(1, sizeof(*condition));

	if (!condition) {
		dms_fail_memory();
		condition_free(left);
		condition_free(right);
		return NULL;
	}
	condition->kind = kind;
	condition->left = left;
	condition->right = right;
	return condition;
}

/* The field's name, and which one it is; -1: stderr has been told, but of the place. */
static int parse_field(struct parser *parser)
{
	const char *word = parser->at;
	size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-");
	int field;

	if (length == 0) {
		dms_error("Expecting field name");
		return -1;
	}
	field = dms_field_find(word, length);
	if (field < 0 || field >= DMS_F_HELP) {
		dms_field_help(true);
		if (field < 0)
			dms_error("Unrecognised selection field: %.*s", (int)length, word);
		else
			dms_error("Selection field is uncomparable: %.*s.", (int)length, word);
		return -1;
	}
	parser->at += length;
	return field;
}

static int parse_operator(struct parser *parser, const char *start, int field)
{
	size_t i;

	for (i = 0; i < DMS_COUNT_OF(operators); i++) {
		if (strncmp(parser->at, operators[i].text, strlen(operators[i].text)) == 0)
			break;
	}
	if (i == DMS_COUNT_OF(operators)) {
		dms_select_help();
		dms_error("Unrecognised comparison operator: %s", parser->at);
		return -1;
	}
	if (operators[i].kind == K_TIME) {
		dms_select_help();
		dms_error("Operator can be used only with time fields: %s", start);
		return -1;
	}
	if (!dms_fields[field].number && operators[i].kind >= K_AT_LEAST &&
	    operators[i].kind <= K_LESS) {
		dms_select_help();
		dms_error("Operator can be used only with number, size, time or percent fields: "
			  "%s",
			  start);
		return -1;
	}
	parser->at += strlen(operators[i].text);
	return operators[i].kind;
}

static char quote_end(char c, bool regex)
{
	static const char pairs[] = "\"\"''(([[{{";
	static const char ends[] = "\"\"''))]]}}";
	const char *found = c ? strchr(pairs, c) : NULL;

	if (!found || (!regex && c != '"' && c != '\''))
		return '\0';
	return ends[found - pairs];
}

/* The bytes of a text or an expression; NULL: stderr has been told, but of the place. */
static char *parse_text(struct parser *parser, int field, bool regex)
{
	const char *start = parser->at;
	char end = quote_end(*start, regex);
	size_t length = 0;
	char *text;

	if (end) {
		const char *found = strchr(++start, end);

		if (!found) {
			dms_error("Missing end quote.");
			dms_error("Failed to parse %s value for selection field %s.",
				  regex ? "regex" : "string", dms_fields[field].id);
			return NULL;
		}
		length = (size_t)(found - start);
		parser->at = found + 1;
	} else {
		if (regex && *start == '\0') {
			dms_error("Regular expression expected for selection field %s",
				  dms_fields[field].id);
			return NULL;
		}
		while (start[length] && !strchr(" \t\n\v\f\r),#", start[length]) &&
		       !((start[length] == '&' || start[length] == '|') &&
			 start[length + 1] == start[length]))
			length++;
		parser->at = start + length;
	}
	text = strndup(start, length);
	if (!text)
		dms_fail_memory();
	return text;
}

/* Decimal, with a fraction that does not count. 1: stderr has been told all; -1: but the place. */
static int parse_number(struct parser *parser, int field, uint64_t *ret_number)
{
	const char *start = parser->at;
	const char *id = dms_fields[field].id;
	const char *end = start + strspn(start, "0123456789");
	const char *fraction_end = *end == '.' ? end + 1 + strspn(end + 1, "0123456789") : end;
	bool too_big = false;
	uint64_t number = 0;

	if (fraction_end == start) {
		dms_error("Failed to parse numeric value for selection field %s.", id);
		return -1;
	}
	if (*fraction_end && strchr("bBsSkKmMgGtTpPeErRhH", *fraction_end)) {
		dms_error("Found size unit specifier but numeric value expected for selection "
			  "field %s.",
			  id);
		return -1;
	}
	if (*fraction_end == '%') {
		dms_error("Found percent value but numeric value expected for selection field %s.",
			  id);
		return -1;
	}
	for (const char *digit = start; digit < end; digit++) {
		uint64_t value = (uint64_t)(*digit - '0');

		too_big = too_big || number > (UINT64_MAX - value) / 10;
		number = number * 10 + value;
	}
	if (too_big) {
		dms_error("Field selection value %.*s out of supported range for field %s.",
			  (int)(fraction_end - start), start, id);
		return 1;
	}
	parser->at = fraction_end;
	*ret_number = number;
	return 0;
}

static struct dms_condition *parse_regex(struct parser *parser, const char *start,
					 struct dms_condition *condition)
{
	const char *id = dms_fields[condition->field].id;

	condition->text = parse_text(parser, condition->field, true);
	if (!condition->text) {
		syntax_error(start);
	} else if (dms_fields[condition->field].number) {
		dms_error("dm_report: incompatible comparison type for selection field %s", id);
	} else if (dms_regex_parse(condition->text, &condition->regex) < 0) {
		dms_error("dm_report: failed to create regex matcher for selection field %s", id);
	} else {
		return condition;
	}
	condition_free(condition);
	return NULL;
}

static struct dms_condition *parse_condition(struct parser *parser)
{
	const char *start = parser->at;
	struct dms_condition *condition;
	int field = parse_field(parser);
	int kind;
	int r;

	if (field < 0)
		return syntax_error(start);
	skip_blanks(parser);
	kind = parse_operator(parser, start, field);
	if (kind < 0)
		return syntax_error(start);
	skip_blanks(parser);
	condition = condition_new((uint8_t)kind, NULL, NULL);
	if (!condition)
		return NULL;
	condition->field = (uint8_t)field;
	parser->fields |= DMS_F_BIT(field);
	if (kind == K_MATCHES || kind == K_MATCHES_NOT)
		return parse_regex(parser, start, condition);
	if (dms_fields[field].number) {
		r = parse_number(parser, field, &condition->number);
	} else {
		condition->text = parse_text(parser, field, false);
		r = condition->text ? 0 : -1;
	}
	if (r == 0)
		return condition;
	if (r < 0)
		syntax_error(start);
	condition_free(condition);
	return NULL;
}

static struct dms_condition *parse_or(struct parser *parser);

static struct dms_condition *parse_operand(struct parser *parser)
{
	struct dms_condition *condition;
	bool negated;

	skip_blanks(parser);
	negated = *parser->at == '!';
	if (negated) {
		parser->at++;
		skip_blanks(parser);
		if (*parser->at != '(') {
			dms_error("Syntax error: left parenthesis expected at '%s'", parser->at);
			return NULL;
		}
	}
	if (*parser->at != '(')
		return parse_condition(parser);
	if (parser->depth == MAX_DEPTH) {
		dms_error("Syntax error: more than %d parentheses at '%s'", MAX_DEPTH, parser->at);
		return NULL;
	}
	parser->at++;
	parser->depth++;
	condition = parse_or(parser);
	parser->depth--;
	if (!condition)
		return NULL;
	if (*parser->at != ')') {
		dms_error("Syntax error: right parenthesis expected at '%s'", parser->at);
		condition_free(condition);
		return NULL;
	}
	parser->at++;
	return negated ? condition_new(K_NOT, condition, NULL) : condition;
}

/* Whether the word or its one-letter form comes next, which is skipped then. */
static bool next_is(struct parser *parser, const char *word, char letter)
{
	size_t length = 0;

	skip_blanks(parser);
	if (*parser->at == letter)
		length = 1;
	else if (strncmp(parser->at, word, 2) == 0)
		length = 2;
	parser->at += length;
	return length > 0;
}

static struct dms_condition *parse_and(struct parser *parser)
{
	struct dms_condition *left = parse_operand(parser);

	while (left && next_is(parser, "&&", ',')) {
		struct dms_condition *right = parse_operand(parser);

		if (!right) {
			condition_free(left);
			return NULL;
		}
		left = condition_new(K_AND, left, right);
	}
	return left;
}

static struct dms_condition *parse_or(struct parser *parser)
{
	struct dms_condition *left = parse_and(parser);

	while (left && next_is(parser, "||", '#')) {
		struct dms_condition *right = parse_and(parser);

		if (!right) {
			condition_free(left);
			return NULL;
		}
		left = condition_new(K_OR, left, right);
	}
	return left;
}

int dms_selection_parse(const char *text, struct dms_selection **ret_selection)
{
	struct parser parser = { .at = text };
	struct dms_selection *selection = calloc(1, sizeof(*selection));

	if (!selection)
		return dms_fail_memory();
	if (strcasecmp(text, "help") == 0 || strcmp(text, "?") == 0) {
		selection->nothing = true;
		*ret_selection = selection;
		return 1;
	}
	if (*text && strcasecmp(text, "all") != 0) {
		selection->root = parse_or(&parser);
		if (selection->root && *parser.at) {
			dms_error("Expecting logical operator");
			syntax_error(parser.at);
			condition_free(selection->root);
			selection->root = NULL;
		}
		if (!selection->root) {
			free(selection);
			return -1;
		}
	}
	selection->fields = parser.fields;
	*ret_selection = selection;
	return 0;
}

void dms_select_free(struct dms_selection *selection)
{
	if (!selection)
		return;
	condition_free(selection->root);
	dms_source_free(&selection->source);
	free(selection);
}

static int compare(const struct dms_condition *condition, const union dms_value *value)
{
	if (!dms_fields[condition->field].number)
		return strcmp(value->text, condition->text);
	return value->number < condition->number ? -1 : value->number > condition->number;
}

static int holds(const struct dms_condition *condition, const union dms_value *values)
{
	const union dms_value *value = &values[condition->field];
	int r;

	switch (condition->kind) {
	case K_AND:
	case K_OR:
		r = holds(condition->left, values);
		if (r < 0 || (r > 0) == (condition->kind == K_OR))
			return r;
		return holds(condition->right, values);
	case K_NOT:
		r = holds(condition->left, values);
		return r < 0 ? r : !r;
	case K_MATCHES:
		return dms_regex_match(condition->regex, value->text);
	case K_MATCHES_NOT:
		r = dms_regex_match(condition->regex, value->text);
		return r < 0 ? r : !r;
	case K_EQUAL:
		return compare(condition, value) == 0;
	case K_UNEQUAL:
		return compare(condition, value) != 0;
	case K_AT_LEAST:
		return compare(condition, value) >= 0;
	case K_MORE:
		return compare(condition, value) > 0;
	case K_AT_MOST:
		return compare(condition, value) <= 0;
	default:
		return compare(condition, value) < 0;
	}
}

int dms_selection_match(const struct dms_selection *selection, const union dms_value *values)
{
	if (!selection || (!selection->root && !selection->nothing))
		return 1;
	return selection->nothing ? 0 : holds(selection->root, values);
}

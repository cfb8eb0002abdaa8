/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions: | * + ? . ^ $ ( ) [ ] and \ before any of them. All states are followed at
 * once, so that no expression takes longer than its length times that of the text.
 */
#include <stdlib.h>
#include <string.h>

#include "dmsetup/report/report.h"

/* What stands before a text and after it: bytes that ^ and $ are, and that . and [^...] match too,
 * as they do for dmsetup. */
#define BEGIN 2
#define END 3

/* Its parts are parsed and followed by functions that call themselves. */
#define MAX_LENGTH 4096

enum op {
	OP_BYTE, /* argument: the byte */
	OP_ANY,
	OP_SET,	  /* argument: which set */
	OP_SPLIT, /* goes on with the next one, and argument away */
	OP_JUMP,
	OP_MATCH
};

struct step {
	int32_t op;
	int32_t argument;
};

struct set {
	uint8_t bits[32];
};

struct dms_regex {
	struct step *steps;
	struct set *sets;
	int32_t n_steps;
	int32_t n_sets;
	const char *at; /* while it is parsed */
};

static struct step *push(struct dms_regex *regex, int32_t op, int32_t argument)
{
	struct step *step = &regex->steps[regex->n_steps++];

	*step = (struct step){ op, argument };
	return step;
}

/* Jumps are relative: what moves as a whole stays as it is. */
static void insert(struct dms_regex *regex, int32_t where, int32_t op, int32_t argument)
{
	memmove(&regex->steps[where + 1], &regex->steps[where],
		(size_t)(regex->n_steps - where) * sizeof(*regex->steps));
	regex->steps[where] = (struct step){ op, argument };
	regex->n_steps++;
}

static unsigned char escaped(struct dms_regex *regex)
{
	static const char controls[] = "n\nt\tr\rf\f";
	char c = *regex->at;

	if (c == '\0')
		return '\\';
	regex->at++;
	for (size_t i = 0; controls[i]; i += 2) {
		if (controls[i] == c)
			return (unsigned char)controls[i + 1];
	}
	return (unsigned char)c;
}

static int set_byte(struct dms_regex *regex)
{
	if (*regex->at == '\0')
		return -1;
	if (*regex->at++ == '\\')
		return escaped(regex);
	return (unsigned char)regex->at[-1];
}

static int parse_set(struct dms_regex *regex)
{
	struct set *set = &regex->sets[regex->n_sets];
	bool negated = *regex->at == '^';

	regex->at += negated;
	*set = (struct set){ { 0 } };
	while (*regex->at != ']') {
		int first = set_byte(regex);
		int last = first;

		if (first >= 0 && *regex->at == '-') {
			regex->at++;
			last = *regex->at == ']' ? -1 : set_byte(regex);
		}
		if (last < first || last < 0)
			return -1;
		for (; first <= last; first++)
			set->bits[first / 8] |= (uint8_t)(1 << first % 8);
	}
	regex->at++;
	for (size_t i = 0; negated && i < sizeof(set->bits); i++)
		set->bits[i] = (uint8_t)~set->bits[i];
	push(regex, OP_SET, regex->n_sets++);
	return 0;
}

static int parse_or(struct dms_regex *regex);

static int parse_atom(struct dms_regex *regex)
{
	char c = *regex->at;

	if (c == '\0' || strchr("*+?|)", c))
		return -1;
	regex->at++;
	switch (c) {
	case '(':
		if (parse_or(regex) < 0 || *regex->at != ')')
			return -1;
		regex->at++;
		return 0;
	case '[':
		return parse_set(regex);
	case '.':
		push(regex, OP_ANY, 0);
		return 0;
	case '^':
		push(regex, OP_BYTE, BEGIN);
		return 0;
	case '$':
		push(regex, OP_BYTE, END);
		return 0;
	case '\\':
		push(regex, OP_BYTE, escaped(regex));
		return 0;
	default:
		push(regex, OP_BYTE, (unsigned char)c);
		return 0;
	}
}

static int parse_sequence(struct dms_regex *regex)
{
	do {
		int32_t start = regex->n_steps;

		if (parse_atom(regex) < 0)
			return -1;
		for (; *regex->at && strchr("*+?", *regex->at); regex->at++) {
			int32_t length = regex->n_steps - start;

			if (*regex->at == '+') {
				/* Back, or on: the split's two ways are the next step and that one.
				 */
				push(regex, OP_SPLIT, -length);
				continue;
			}
			insert(regex, start, OP_SPLIT, length + 1 + (*regex->at == '*'));
			if (*regex->at == '*')
				push(regex, OP_JUMP, -(length + 1));
		}
	} while (*regex->at && *regex->at != '|' && *regex->at != ')');
	return 0;
}

static int parse_or(struct dms_regex *regex)
{
	int32_t start = regex->n_steps;
	int32_t jump;

	if (parse_sequence(regex) < 0)
		return -1;
	if (*regex->at != '|')
		return 0;
	regex->at++;
	insert(regex, start, OP_SPLIT, regex->n_steps - start + 2);
	jump = regex->n_steps;
	push(regex, OP_JUMP, 0);
	if (parse_or(regex) < 0) {
		if (*regex->at == '\0' || *regex->at == ')')
			dms_error("Badly formed 'or' expression");
		return -1;
	}
	regex->steps[jump].argument = regex->n_steps - jump;
	return 0;
}

int dms_regex_parse(const char *text, struct dms_regex **ret_regex)
{
	/* A byte makes two steps at most, and one set. All is one piece of memory. */
	size_t length = strlen(text);
	size_t n_steps = 2 * length + 2;
	struct dms_regex *regex;

	if (length > MAX_LENGTH) {
		dms_error("The regular expression is longer than %d bytes.", MAX_LENGTH);
		return -1;
	}
	regex = malloc(sizeof(*regex) + n_steps * sizeof(struct step) +
		       length * sizeof(struct set));
	if (!regex)
		return dms_fail_memory();
	*regex = (struct dms_regex){ .at = text };
	regex->steps = (struct step *)(regex + 1);
	regex->sets = (struct set *)(regex->steps + n_steps);
	if (parse_or(regex) < 0 || *regex->at != '\0') {
		dms_error("missing ')' in regular expression");
		dms_error("Parse error in regex");
		dms_error("Couldn't parse regex");
		free(regex);
		return -1;
	}
	push(regex, OP_MATCH, 0);
	*ret_regex = regex;
	return 0;
}

/* The states that are alive before a byte; each once. */
struct states {
	int32_t *list;
	int32_t n;
	int32_t *mark; /* for each step, the position at which it was last added */
};

/* Adds step i and all that it leads to without a byte. True: to the end of the expression. */
static bool add(const struct dms_regex *regex, struct states *states, int32_t position, int32_t i)
{
	for (;;) {
		const struct step *step = &regex->steps[i];

		if (states->mark[i] == position)
			return false;
		states->mark[i] = position;
		switch (step->op) {
		case OP_MATCH:
			return true;
		case OP_SPLIT:
			if (add(regex, states, position, i + step->argument))
				return true;
			i++;
			break;
		case OP_JUMP:
			i += step->argument;
			break;
		default:
			states->list[states->n++] = i;
			return false;
		}
	}
}

static bool takes(const struct dms_regex *regex, const struct step *step, unsigned char byte)
{
	if (step->op == OP_SET)
		return regex->sets[step->argument].bits[byte / 8] >> byte % 8 & 1;
	return step->op == OP_ANY || step->argument == byte;
}

int dms_regex_match(const struct dms_regex *regex, const char *text)
{
	size_t n = (size_t)regex->n_steps;
	int32_t *memory = calloc(n * 3, sizeof(*memory));
	struct states now = { memory, 0, memory + 2 * n };
	int32_t *next = memory + n;
	bool found = false;
	bool ended = false;

	if (!memory)
		return dms_fail_memory();
	for (int32_t position = 1; !found; position++) {
		struct states after = { next, 0, now.mark };
		unsigned char byte = position == 1 ? BEGIN : *text ? (unsigned char)*text : END;

		/* What the byte before led to; and a match may begin here too. */
		for (int32_t i = 0; i < now.n && !found; i++)
			found = add(regex, &after, position, now.list[i]);
		found = found || add(regex, &after, position, 0);
		if (ended)
			break;
		now.n = 0;
		for (int32_t i = 0; i < after.n; i++) {
			int32_t step = after.list[i];

			if (takes(regex, &regex->steps[step], byte))
				now.list[now.n++] = step + 1;
		}
		ended = byte == END && *text == '\0';
		text += position > 1 && *text;
	}
	free(memory);
	return found;
}

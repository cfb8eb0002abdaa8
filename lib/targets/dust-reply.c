/* SPDX-License-Identifier: MIT */
/* What dust answers to its messages. */
#include "rows/target.h"

#include <errno.h>
#include <string.h>

/* These words, one after the other. */
static int need_words(struct dmk_words *words, const char *const *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct dmk_word word;
		int r = dmk_words_need(words, wanted[i], &word);

		if (r < 0)
			return r;
		if (!dmk_word_is(&word, wanted[i]))
			return dmk_fail_word(words->error, -EINVAL, word.text, word.length,
					     word.column, "must be '%s'", wanted[i]);
	}
	return 0;
}

/* The name of a function of the kernel, and a colon. */
static int need_origin(struct dmk_words *words)
{
	struct dmk_word word;
	int r = dmk_words_need(words, "NAME:", &word);

	if (r < 0 || word.text[word.length - 1] == ':')
		return r;
	return dmk_fail_word(words->error, -EINVAL, word.text, word.length, word.column,
			     "must end in ':'");
}

static int parse_query(struct dmk_words *words, struct dmk_dust_reply *reply)
{
	static const char *const begin[] = { "block" };
	static const char *const end[] = { "found", "in", "badblocklist" };
	int r = need_origin(words);

	if (r == 0)
		r = need_words(words, begin, DMK_ARRAY_SIZE(begin));
	if (r == 0)
		r = dmk_words_number(words, "the block", 0, UINT64_MAX, &reply->block);
	if (r < 0)
		return r;
	reply->found = !dmk_words_skip(words, "not");
	return need_words(words, end, DMK_ARRAY_SIZE(end));
}

static int parse_count(struct dmk_words *words, struct dmk_dust_reply *reply)
{
	static const char *const end[] = { "badblock(s)", "found" };
	int r = need_origin(words);

	if (r == 0)
		r = dmk_words_number(words, "the number of blocks", 0, UINT64_MAX,
				     &reply->n_blocks);
	return r < 0 ? r : need_words(words, end, DMK_ARRAY_SIZE(end));
}

static int parse_clear(struct dmk_words *words, struct dmk_dust_reply *reply)
{
	static const char *const none[] = { "badblocks", "found" };
	static const char *const some[] = { "badblocks", "cleared" };
	int r = need_origin(words);

	if (r < 0)
		return r;
	reply->found = !dmk_words_skip(words, "no");
	return need_words(words, reply->found ? some : none, 2);
}

/* A number a line, or a sentence where there is none. */
static int parse_list(struct dmk_words *words, struct dmk_dust_reply *reply)
{
	static const char *const none[] = { "blocks", "in", "badblocklist" };
	uint64_t n = dmk_words_left(words);
	uint64_t *blocks;

	if (dmk_words_skip(words, "No"))
		return need_words(words, none, DMK_ARRAY_SIZE(none));
	blocks = dmk_arena_array(&reply->owned, n, sizeof(*blocks));
	if (!blocks)
		return dmk_fail(words->error, -ENOMEM, "no memory");
	for (uint64_t i = 0; i < n; i++) {
		int r = dmk_words_number(words, "a block", 0, UINT64_MAX, &blocks[i]);

		if (r < 0)
			return r;
	}
	reply->n_blocks = n;
	reply->blocks = n ? blocks : NULL;
	return 0;
}

static int parse_reply(struct dmk_words *words, struct dmk_dust_reply *reply)
{
	switch (reply->message) {
	case DMK_DUST_QUERYBLOCK:
		return parse_query(words, reply);
	case DMK_DUST_COUNTBADBLOCKS:
		return parse_count(words, reply);
	case DMK_DUST_CLEARBADBLOCKS:
		return parse_clear(words, reply);
	case DMK_DUST_LISTBADBLOCKS:
		return parse_list(words, reply);
	default:
		return 0; /* nothing but the end may come */
	}
}

int dmk_dust_parse_reply(uint32_t kind, const char *reply, struct dmk_dust_reply *ret_reply,
			 struct dmk_error *ret_error)
{
	struct dmk_words words = dmk_words_of(reply, "what dust answers", ret_error);
	struct dmk_dust_reply value = { .message = kind };
	int r;

	dmk_begin_parse(ret_error, DMK_VERB_PARSE_REPLY, "dust", reply);
	if (kind < DMK_DUST_ADDBADBLOCK || kind > DMK_DUST_QUIET)
		return dmk_refuse(ret_error, "kind", "no such message");
	r = parse_reply(&words, &value);
	if (r == 0)
		r = dmk_words_end(&words);
	if (r < 0)
		dmk_dust_reply_clear(&value);
	else
		*ret_reply = value;
	return r;
}

void dmk_dust_reply_clear(struct dmk_dust_reply *reply)
{
	if (!reply)
		return;
	dmk_arena_free(&reply->owned);
	*reply = (struct dmk_dust_reply){ 0 };
}

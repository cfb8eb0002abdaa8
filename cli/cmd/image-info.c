/* SPDX-License-Identifier: MIT */
/* image info: the superblock, and the lines that map the image. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/columns.h"
#include "cmd/commands.h"
#include "cmd/image.h"
#include "common/cli.h"
#include "common/json.h"
#include "show/errors.h"
#include "show/output.h"

#define QUOTED_SIZE (2 * PATH_MAX)	/* a path for the kernel */
#define LINE_SIZE (8 * PATH_MAX + 1024) /* two for the shell, a salt, and numbers */

/* What stands for a device in the lines: the kernel takes no files. */
static const char *device_of(const char *path, const char *placeholder)
{
	struct stat st;

	return path && stat(path, &st) == 0 && S_ISBLK(st.st_mode) ? path : placeholder;
}

/* To the kernel a backslash quotes the next byte. */
static void quote_for_kernel(const char *word, char *text, size_t size)
{
	size_t used = 0;

	for (; *word && used + 3 < size; word++) {
		if (*word == ' ' || *word == '\\')
			text[used++] = '\\';
		text[used++] = *word;
	}
	text[used] = '\0';
}

struct lines_of {
	const char *data, *hash; /* the devices */
	char table[LINE_SIZE];
	char create[LINE_SIZE];
};

struct text {
	char *at;
	size_t left;
};

static void add(void *to, const char *piece)
{
	struct text *text = to;
	size_t length = (size_t)snprintf(text->at, text->left, "%s", piece);

	if (length >= text->left)
		length = text->left - 1;
	text->at += length;
	text->left -= length;
}

/* " key=value", for the shell. */
static void add_key(struct text *text, const char *key, const char *value)
{
	char word[4224];

	snprintf(word, sizeof(word), "%s=%s", key, value);
	add(text, " ");
	quote(word, true, add, text);
}

static void add_number(struct text *text, const char *key, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	add_key(text, key, digits);
}

static void make_table(const struct dmk_image_info *info, struct lines_of *lines)
{
	char data[QUOTED_SIZE], hash[QUOTED_SIZE];

	quote_for_kernel(lines->data, data, sizeof(data));
	quote_for_kernel(lines->hash, hash, sizeof(hash));
	snprintf(lines->table, sizeof(lines->table),
		 "0 %" PRIu64 " verity %u %s %s %u %u %" PRIu64 " %" PRIu64 " %s ROOT-DIGEST %s",
		 info->data_blocks * (info->data_block_size_bytes / 512), info->version, data, hash,
		 info->data_block_size_bytes, info->hash_block_size_bytes, info->data_blocks,
		 info->hash_start_block, info->algorithm, info->salt);
}

/* Keys that are as they are anyway are left out. */
static void make_create(const struct dmk_image_info *info, struct lines_of *lines)
{
	struct text text = { lines->create, sizeof(lines->create) };

	add(&text, "dmkit create NAME verity");
	if (info->version != 1)
		add_number(&text, "version", info->version);
	add_key(&text, "data", lines->data);
	add_key(&text, "hash", lines->hash);
	if (info->data_block_size_bytes != 4096)
		add_number(&text, "data-block-size", info->data_block_size_bytes);
	if (info->hash_block_size_bytes != 4096)
		add_number(&text, "hash-block-size", info->hash_block_size_bytes);
	add_number(&text, "data-blocks", info->data_blocks);
	add_number(&text, "hash-start", info->hash_start_block);
	if (strcmp(info->algorithm, "sha256") != 0)
		add_key(&text, "algorithm", info->algorithm);
	add(&text, " root-digest=ROOT-DIGEST");
	if (strcmp(info->salt, "-") != 0)
		add_key(&text, "salt", info->salt);
}

static void put_field(const struct cli *cli, const char *name, const char *value)
{
	put_padded(stdout, false, name, 14);
	put_text(stdout, cli->out_tty, value);
	putchar('\n');
}

static void print_info(const struct cli *cli, const struct dmk_image_options *image,
		       const struct dmk_image_info *info, const struct lines_of *lines)
{
	char size[SIZE_TEXT], text[128];

	put_field(cli, "file", image_tree_path(image));
	snprintf(text, sizeof(text), "at byte %" PRIu64, info->hash_offset_bytes);
	put_field(cli, "superblock", text);
	put_field(cli, "uuid", *info->uuid ? info->uuid : "-");
	snprintf(text, sizeof(text), "%u", info->version);
	put_field(cli, "format", text);
	snprintf(text, sizeof(text), "%s, digests of %u bytes", info->algorithm,
		 info->digest_size_bytes);
	put_field(cli, "algorithm", text);
	put_field(cli, "salt", info->salt);
	snprintf(text, sizeof(text), "%" PRIu64 " blocks of %u bytes, %s", info->data_blocks,
		 info->data_block_size_bytes,
		 shown_size(cli, info->data_blocks * (info->data_block_size_bytes / 512), size));
	put_field(cli, "data", text);
	snprintf(text, sizeof(text),
		 "%" PRIu64 " block%s of %u bytes in %u level%s, at byte %" PRIu64,
		 info->tree_blocks, info->tree_blocks == 1 ? "" : "s", info->hash_block_size_bytes,
		 info->levels, info->levels == 1 ? "" : "s", info->tree_offset_bytes);
	put_field(cli, "tree", text);
	if (*info->file_system) {
		snprintf(text, sizeof(text), "%s, %" PRIu64 " bytes", info->file_system,
			 info->file_system_bytes);
		put_field(cli, "file system", text);
	}
	put_field(cli, "table", lines->table);
	put_field(cli, "create", lines->create);
}

/* Whether FILE has a superblock there, good or not: it says whose error is to be told. */
static bool has_superblock(const char *file, uint64_t offset_bytes)
{
	static const char magic[8] = "verity\0";
	char bytes[sizeof(magic)];
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool has = fd >= 0 &&
		   pread(fd, bytes, sizeof(bytes), (off_t)offset_bytes) == sizeof(bytes) &&
		   memcmp(bytes, magic, sizeof(magic)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

/* The image in FILE, or FILE has the tree alone: then nothing is known of the data. */
static int look(struct cli *cli, const char *file, struct dmk_image_options *image,
		struct dmk_image_info *info)
{
	struct dmk_error error, of_tree;

	*image = cli->options.image.image;
	image->data = file;
	if (dmk_image_look(image, info, &error) == 0)
		return EXIT_DONE;
	/* What the library does not open, we do not either: a watchdog would begin to count. */
	if (error.code != -EINVAL || error.step == DMK_STEP_OPEN ||
	    !has_superblock(file, image->hash_offset_bytes))
		return fail_with(cli, &error);
	image->data = NULL;
	image->hash = file;
	return dmk_image_look(image, info, &of_tree) < 0 ? fail_with(cli, &of_tree) : EXIT_DONE;
}

int cmd_image_info(struct cli *cli, char **args, int n)
{
	struct dmk_image_options image;
	struct dmk_image_info info;
	struct lines_of lines;
	int status = look(cli, args[0], &image, &info);

	(void)n;
	if (status != EXIT_DONE)
		return status;
	lines.data = device_of(image.data, "DATA");
	lines.hash = device_of(image_tree_path(&image), image.data ? "DATA" : "HASH");
	make_table(&info, &lines);
	make_create(&info, &lines);
	if (!given(cli, OPT_JSON)) {
		print_info(cli, &image, &info, &lines);
		return EXIT_DONE;
	}
	json_item(cli);
	json_image(cli, &image, &info);
	json_string(&cli->json, "table", lines.table);
	json_string(&cli->json, "create", lines.create);
	json_close(&cli->json);
	return EXIT_DONE;
}

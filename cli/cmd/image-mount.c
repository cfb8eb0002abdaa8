/* SPDX-License-Identifier: MIT */
/* image map, mount and umount: the kernel checks what is read. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/image.h"
#include "common/cli.h"
#include "read/devices.h"
#include "show/errors.h"
#include "show/results.h"

/* Whether it can be KEY=VALUE: a path with a = begins with ./ or the like then. */
static bool is_key(const char *word)
{
	size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length > 0 && word[length] == '=';
}

/* How many words stand before the keys. */
static int count_words(char **args, int n)
{
	int words = n;

	while (words > 0 && is_key(args[words - 1]))
		words--;
	return words;
}

/* The words before the keys, of which `most` has one more, HASH. 0 or an exit code, reported. */
static int take_words(struct cli *cli, char **args, int n, int most,
		      struct dmk_image_map_options *map, char digest[static DIGEST_WORD_SIZE])
{
	int words = count_words(args, n);

	*map = cli->options.image;
	map->name = cli->options.name;
	if (words < most - 1)
		return usage_error(cli, "", "needs %s, and got less", cli->command->args);
	if (words > most)
		return usage_error(cli, args[most], "'%s' is one argument too many", args[most]);
	map->keys = (const char *const *)args + words;
	map->n_keys = (uint32_t)(n - words);
	map->image.root_digest = digest;
	return image_take_digest(cli, args[words - 1], digest);
}

int cmd_image_map(struct cli *cli, char **args, int n)
{
	char digest[DIGEST_WORD_SIZE];
	struct dmk_image_map_options map;
	struct dmk_error error;
	struct dmk_info info;
	int status = EXIT_DONE;

	if (given(cli, OPT_OFFSET) || given(cli, OPT_SIZE))
		status = image_refuse_dry_run(cli, "of a part of a device, what stands on the "
						   "linear mapping below needs that to be there");
	if (status == EXIT_DONE)
		status = take_words(cli, args, n, 4, &map, digest);
	if (status != EXIT_DONE)
		return status;
	map.image.data = args[1];
	map.image.hash = count_words(args, n) > 3 ? args[2] : NULL;
	if (dmk_image_map(cli->dm, strip_node_dir(args[0]), &map, &info, &error) < 0)
		return fail_with(cli, &error);
	return done_udev(cli, &info);
}

int cmd_image_mount(struct cli *cli, char **args, int n)
{
	char digest[DIGEST_WORD_SIZE];
	struct dmk_image_map_options map;
	struct dmk_error error;
	struct dmk_info info;
	int status = image_refuse_dry_run(cli, "loop devices and mounts are no requests to show");
	int words = count_words(args, n);

	if (status == EXIT_DONE)
		status = take_words(cli, args, n, 4, &map, digest);
	if (status != EXIT_DONE)
		return status;
	map.image.data = args[0];
	map.image.hash = words > 3 ? args[1] : NULL;
	if (dmk_image_mount(cli->dm, args[words - 2], &map, &info, &error) < 0)
		return fail_with(cli, &error);
	return done_mount(cli, &info);
}

int cmd_image_umount(struct cli *cli, char **args, int n)
{
	struct dmk_error error;
	int status = image_refuse_dry_run(cli, "a mount is no request to show");

	(void)n;
	if (status != EXIT_DONE)
		return status;
	return dmk_image_umount(cli->dm, args[0], 0, &error) < 0 ? fail_with(cli, &error)
								 : EXIT_DONE;
}

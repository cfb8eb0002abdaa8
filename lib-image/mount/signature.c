/* SPDX-License-Identifier: MIT */
#include "signature.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "layer.h"
#include "look/file.h"

#define RANDOM_DIGITS 32
#define MOST_BYTES 32767 /* of a key of type "user" */

/* dm-verity 1.5 and Linux 5.4 brought it, as an option of the kernel's configuration, which shows
 * by this parameter alone. */
static int check_kernel(struct dmk *dm, struct dmk_error *err)
{
	struct dmk_version version;
	int r = dmk_get_target_version(dm, "verity", &version);

	if (r < 0)
		return dmk_layer_fail(err, dm, r);
	if (version.major == 1 && version.minor < 5)
		return dmk_fail(
			err, -EOPNOTSUPP,
			"this kernel's verity is %u.%u.%u, and signatures are checked since "
			"1.5.0, Linux 5.4",
			version.major, version.minor, version.patch);
	if (access("/sys/module/dm_verity/parameters", F_OK) == 0 &&
	    access("/sys/module/dm_verity/parameters/require_signatures", F_OK) < 0)
		return dmk_fail(err, -EOPNOTSUPP,
				"this kernel was built without "
				"CONFIG_DM_VERITY_VERIFY_ROOTHASH_SIG, and checks no signatures");
	return 0;
}

int dmk_signature_add(struct dmk_signature *ret_signature, struct dmk *dm, const char *path,
		      struct dmk_error *err)
{
	struct dmk_signature signature = { .description = "dmkit-image:" };
	struct dmk_file file;
	uint8_t bytes[MOST_BYTES];
	long key;
	int r;

	dmk_layer_step(err, DMK_STEP_SIGNATURE);
	r = check_kernel(dm, err);
	if (r == 0)
		r = dmk_file_open(&file, path, DMK_FILE_READ, err);
	if (r < 0)
		return r;
	if (file.size_bytes == 0 || file.size_bytes > MOST_BYTES)
		r = dmk_fail_word(err, -EINVAL, path, strlen(path), 0,
				  "it has %llu bytes: a PKCS#7 signature has some, and at most %d",
				  (unsigned long long)file.size_bytes, MOST_BYTES);
	else
		r = dmk_file_read(&file, bytes, (size_t)file.size_bytes, 0, err);
	dmk_file_close(&file);
	if (r < 0)
		return r;
	dmk_random_hex(signature.description + strlen(signature.description), RANDOM_DIGITS);
	key = syscall(SYS_add_key, "user", signature.description, bytes, (size_t)file.size_bytes,
		      KEY_SPEC_THREAD_KEYRING);
	if (key < 0) {
		dmk_layer_step(err, DMK_STEP_SIGNATURE);
		return dmk_fail(err, -errno, "the thread's keyring does not take it: %s",
				dmk_errno_text(errno));
	}
	signature.key = (int32_t)key;
	*ret_signature = signature;
	return 0;
}

int dmk_signature_judge(int r, const char *path, struct dmk_error *err)
{
	const char *why = r == -EBADMSG	       ? "it is no PKCS#7 signature"
			  : r == -ENOKEY       ? "by none of the keys that this kernel trusts"
			  : r == -EKEYREJECTED ? "it is another root digest's"
					       : NULL;

	if (!path || !why || !err)
		return r;
	err->segment = 0;
	err->params[0] = '\0';
	dmk_layer_step(err, DMK_STEP_SIGNATURE);
	return dmk_fail_word(err, r, path, strlen(path), 0, "%s", why);
}

void dmk_signature_take_out(struct dmk_signature *signature)
{
	if (signature->key)
		syscall(SYS_keyctl, KEYCTL_UNLINK, signature->key, KEY_SPEC_THREAD_KEYRING);
	signature->key = 0;
}

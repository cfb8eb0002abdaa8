# SPDX-License-Identifier: MIT
# bash completion for dmkit(8). Everything comes from the command itself, `dmkit complete`, so it cannot fall behind.

# A word as the command gets it: without quotes and backslashes.
_dmkit_unquote() { # WORD
	local word=$1 out='' char quote='' i
	for ((i = 0; i < ${#word}; i++)); do
		char=${word:i:1}
		if [[ $char == \\ && $quote != "'" ]]; then
			i=$((i + 1))
			out+=${word:i:1}
		elif [[ -n $quote && $char == "$quote" ]]; then
			quote=''
		elif [[ -z $quote && $char == [\"\'] ]]; then
			quote=$char
		else
			out+=$char
		fi
	done
	_dmkit_word=$out
}

# bash parts words at '=' and ':' as well: sets words to those that blanks part, up to the cursor.
_dmkit_words() {
	local line=${COMP_LINE:0:COMP_POINT} i part
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		part=${COMP_WORDS[i]}
		if [[ $line == [[:blank:]]* || $i -eq 0 ]]; then
			line=${line#"${line%%[![:blank:]]*}"}
			words+=('')
		fi
		# The cursor may stand within the last one.
		((i < COMP_CWORD)) || part=$line
		words[-1]+=$part
		line=${line#"$part"}
	done
}

_dmkit() {
	local dmkit=${1/#\~\//$HOME/} IFS=$' \t\n' i line word before begin _dmkit_word
	local -a words
	COMPREPLY=()
	_dmkit_words
	local typed=${words[-1]}
	for i in "${!words[@]}"; do
		_dmkit_unquote "${words[i]}"
		words[i]=$_dmkit_word
	done
	# What readline leaves as it is: a candidate is what stands behind it.
	before=''
	for i in = :; do
		[[ $COMP_WORDBREAKS == *"$i"* && $typed == *"$i"* ]] || continue
		begin=${typed%"${typed##*"$i"}"}
		((${#begin} <= ${#before})) || before=$begin
	done
	_dmkit_unquote "$before"
	before=$_dmkit_word

	while IFS= read -r line; do
		if [[ $line == $'\t'* ]]; then
			begin=${line#$'\t'}
			compopt -o filenames 2>/dev/null
			while IFS= read -r word; do
				word=$begin$word
				COMPREPLY+=("${word#"$before"}")
			done < <(compgen -f -- "${words[-1]#"$begin"}")
			continue
		fi
		word=${line%%$'\t'*}
		[[ $word != *= ]] || compopt -o nospace 2>/dev/null
		word=${word#"$before"}
		# Within quotes, readline quotes.
		[[ $typed == [\"\']* ]] || printf -v word '%q' "$word"
		COMPREPLY+=("$word")
	done < <("$dmkit" complete -- "${words[@]:1}" 2>/dev/null)
}

complete -F _dmkit dmkit

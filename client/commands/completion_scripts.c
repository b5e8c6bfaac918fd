/* The scripts for shells: each hands on the words up to the cursor. */
#include "client/commands/completion.h"

#include "client/session/status_name.h"

#include <string.h>

static const char bash[] =
    "_reverse()\n"
    "{\n"
    "	local word\n"
    "\n"
    "	COMPREPLY=()\n"
    "	while IFS=$'\\t' read -r word _; do\n"
    "		case $word in\n"
    "		:files)\n"
    "			compopt -o filenames\n"
    "			mapfile -t COMPREPLY < <(compgen -f -- \"$2\") ;;\n"
    "		:hosts)\n"
    "			mapfile -t COMPREPLY < <(\n"
    "				compgen -A hostname -- \"$2\") ;;\n"
    "		*)\n"
    "			COMPREPLY+=(\"$word\") ;;\n"
    "		esac\n"
    "	done < <(\"$1\" completion -- words \\\n"
    "		\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _reverse reverse\n";

static const char zsh[] =
    "#compdef reverse\n"
    "_reverse()\n"
    "{\n"
    "	local line\n"
    "	local -a found\n"
    "\n"
    "	for line in ${(f)\"$($words[1] completion -- words \\\n"
    "	    \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"}; do\n"
    "		case $line in\n"
    "		:files) _files; return ;;\n"
    "		:hosts) _hosts; return ;;\n"
    "		*) found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") "
    ";;\n"
    "		esac\n"
    "	done\n"
    "	_describe reverse found\n"
    "}\n"
    "if [ \"$funcstack[1]\" = _reverse ]; then\n"
    "	_reverse \"$@\"\n"
    "else\n"
    "	compdef _reverse reverse\n"
    "fi\n";

static const char fish[] =
    "function __reverse_complete\n"
    "	set -l words (commandline -opc)\n"
    "	for line in ($words[1] completion -- words $words[2..-1] \\\n"
    "			(commandline -ct) 2>/dev/null)\n"
    "		switch $line\n"
    "		case :files\n"
    "			__fish_complete_path (commandline -ct)\n"
    "		case :hosts\n"
    "			__fish_print_hostnames\n"
    "		case '*'\n"
    "			echo $line\n"
    "		end\n"
    "	end\n"
    "end\n"
    "complete -c reverse -f -a '(__reverse_complete)'\n";

static const struct {
	const char *name, *script;
} shells[] = {
	{ "bash", bash },
	{ "zsh", zsh },
	{ "fish", fish },
};

int
completion_script(struct output *output, const char *shell)
{
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(shell, shells[i].name) != 0)
			continue;
		output_text(output, "%s", shells[i].script);
		return EXIT_DONE;
	}
	say_failure(status_name(STATUS_INVALID_ARGUMENT),
	    "there is no completion for %.200s; there is for bash, zsh "
	    "and fish",
	    shell);
	return EXIT_USAGE;
}

void
completion_offer_shells(struct output *output, const char *start)
{
	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		if (strncmp(shells[i].name, start, strlen(start)) == 0)
			output_text(output, "%s\t\n", shells[i].name);
}

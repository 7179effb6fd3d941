
# Ids and names of processes, for the verbs that take them.
for verb in VERBS
    complete -c handfast -n "__fish_seen_subcommand_from $verb" -f -a "(handfast __complete $verb 2>/dev/null)"
end

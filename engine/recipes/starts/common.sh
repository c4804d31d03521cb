# What the entrypoints of databases share.

# A variable NAME gets the contents of the file that NAME_FILE names.
for name in $(env | sed -n 's/^\(\(POSTGRES\|MYSQL\|MARIADB\|MONGO_INITDB\)_[A-Z_]*\)_FILE=.*/\1/p'); do
	file=$(printenv "${name}_FILE")
	[ -z "$file" ] || export "$name=$(cat "$file")"
done

# What scripts of the image's user call.
docker_process_sql() {
	statements "$@"
}

# Runs the scripts of the image's user. `statements` runs SQL of its standard input, `statements_of` that of a file, or
# of the language that `code` names.
initialise() {
	for file in /docker-entrypoint-initdb.d/*; do
		[ -e "$file" ] || continue
		echo "docker-entrypoint.sh: running $file"
		case "$file" in
			*.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
			*."${code:-sql}") statements_of "$file" ;;
			*.sql.gz) gunzip -c "$file" | statements ;;
			*.sql.xz) xz -dc "$file" | statements ;;
			*.sql.zst) zstd -dc "$file" | statements ;;
			*) echo "docker-entrypoint.sh: ignoring $file" ;;
		esac
	done
}

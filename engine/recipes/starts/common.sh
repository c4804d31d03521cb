# What the entrypoints of databases share.

# A variable NAME gets the contents of the file that NAME_FILE names.
for name in $(env | sed -n 's/^\([A-Z_]*\)_FILE=.*/\1/p'); do
	file=$(printenv "${name}_FILE")
	[ ! -r "$file" ] || export "$name=$(cat "$file")"
done

# Runs the scripts of the image's user. `statements` runs SQL of its standard input.
initialise() {
	for file in /docker-entrypoint-initdb.d/*; do
		case "$file" in
			*.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
			*.sql) statements <"$file" ;;
			*.sql.gz) gunzip -c "$file" | statements ;;
			*.sql.xz) xz -dc "$file" | statements ;;
		esac
	done
}

// Writes a bbolt file, as Trivy's database is one.
package main

import (
	"encoding/json"
	"log"
	"os"

	"go.etcd.io/bbolt"
)

// A part of the file that holds other parts: the file itself, or a bucket.
type holder interface {
	CreateBucketIfNotExists(name []byte) (*bbolt.Bucket, error)
}

// Objects become buckets, and text becomes values.
func write(into holder, parts map[string]any) error {
	for name, part := range parts {
		switch part := part.(type) {
		case map[string]any:
			bucket, err := into.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			if err := write(bucket, part); err != nil {
				return err
			}
		case string:
			if err := into.(*bbolt.Bucket).Put([]byte(name), []byte(part)); err != nil {
				return err
			}
		}
	}
	return nil
}

// The first argument is the file to write; what goes into it comes as JSON on standard input.
func main() {
	var parts map[string]any
	if err := json.NewDecoder(os.Stdin).Decode(&parts); err != nil {
		log.Fatal(err)
	}
	db, err := bbolt.Open(os.Args[1], 0o644, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error { return write(tx, parts) }); err != nil {
		log.Fatal(err)
	}
}

environment = "production"
account     = "222222222222"
cidr        = "10.30.0.0/16"
clients     = ["10.0.0.0/14"]

certificate_arn = "arn:aws:acm:eu-central-1:222222222222:certificate/00000000-0000-0000-0000-000000000000"
state_bucket    = "medflow-state-222222222222"
state_key_arn   = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-0000-0000-000000000000"

services = {
  backend  = { count = 2, cpu = 512, memory = 1024 }
  frontend = { count = 2, cpu = 256, memory = 512 }
}

database = {
  class       = "db.m7g.large"
  storage     = 20
  multi_az    = true
  backup_days = 35
}

log_days = 365

ci = {
  github = { owner = "example", owner_id = "1", repository = "medflow", repository_id = "2" }
}

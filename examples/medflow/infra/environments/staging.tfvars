environment = "staging"
account     = "111111111111"
cidr        = "10.20.0.0/16"
clients     = ["10.0.0.0/14"]

certificate_arn = "arn:aws:acm:eu-central-1:111111111111:certificate/00000000-0000-0000-0000-000000000000"
state_bucket    = "medflow-state-111111111111"
state_key_arn   = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-0000-0000-000000000000"

services = {
  backend  = { count = 1, cpu = 256, memory = 512 }
  frontend = { count = 1, cpu = 256, memory = 512 }
}

database = {
  class       = "db.t4g.micro"
  storage     = 20
  multi_az    = false
  backup_days = 7
}

log_days = 30

ci = {
  github = { owner = "example", owner_id = "1", repository = "medflow", repository_id = "2" }
}

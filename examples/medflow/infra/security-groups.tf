locals {
  # What may call what, and at which port: a row makes both rules.
  paths = {
    frontend = { from = aws_security_group.load_balancer.id, to = aws_security_group.frontend.id, port = 8080 }
    backend  = { from = aws_security_group.load_balancer.id, to = aws_security_group.backend.id, port = 3000 }
    database = { from = aws_security_group.backend.id, to = aws_security_group.database.id, port = 5432 }
    aws_of_backend = {
      from = aws_security_group.backend.id, to = aws_security_group.endpoints.id, port = 443
    }
    aws_of_frontend = {
      from = aws_security_group.frontend.id, to = aws_security_group.endpoints.id, port = 443
    }
  }
  pulling = { backend = aws_security_group.backend.id, frontend = aws_security_group.frontend.id }
}

resource "aws_security_group" "load_balancer" {
  name        = "${local.name}-load-balancer"
  description = "The load balancer of ${local.name}"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group" "frontend" {
  name        = "${local.name}-frontend"
  description = "The frontend of ${local.name}"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group" "backend" {
  name        = "${local.name}-backend"
  description = "The backend of ${local.name}, and its migrations"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group" "database" {
  name        = "${local.name}-database"
  description = "The database of ${local.name}"
  vpc_id      = aws_vpc.main.id
}

resource "aws_security_group" "endpoints" {
  name        = "${local.name}-endpoints"
  description = "The way of ${local.name} to AWS"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = toset(var.clients)

  security_group_id = aws_security_group.load_balancer.id
  description       = "HTTPS from the hospital"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "path" {
  for_each = local.paths

  security_group_id            = each.value.to
  referenced_security_group_id = each.value.from
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "path" {
  for_each = local.paths

  security_group_id            = each.value.from
  referenced_security_group_id = each.value.to
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "layers" {
  for_each = local.pulling

  security_group_id = each.value
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  description       = "Layers of images"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

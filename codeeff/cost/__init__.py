"""What models, machines and people cost: dated prices, self-hosted ones among them, and the value of trying again."""

DROP TABLE republications;

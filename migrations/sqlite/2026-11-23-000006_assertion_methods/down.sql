DROP TABLE assertion_methods;
